import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './client';
import { log, settled, World } from './fakes';
import type { SessionEvent } from './protocol';
import { check, filesOf, type Hearer, type Limits, Uploads } from './uploads';

const limits: Limits = { mostEach: 1000, mostSession: 2000, used: 0, allow: [], deny: ['.exe', 'video/*'], off: false };

/** One way of bytes to the server, as the test steers it. */
interface Way extends Hearer {
  url: string;
  file: File;
  stopped: boolean;
}

/** A browser's page with a server that takes files and says so in the log. */
class Page {
  readonly ways: Way[] = [];
  readonly asked: { method: string; path: string; headers: Record<string, string> }[] = [];
  readonly client: Client;
  readonly line;
  readonly uploads: Uploads;
  number = 2;
  files = 0;
  limits: Limits | undefined = limits;
  /** How the next requests are answered: a code of a problem, or '' for no answer. */
  refusals: string[] = [];
  picture?: Blob;

  constructor(readonly world = new World(), tab = world.env.tab) {
    const env = { ...world.env, tab, fetch: (url: string, init: RequestInit) => this.answer(url, init) } as typeof world.env;
    this.client = new Client({ session: 's1', as: 'end-user', env });
    this.uploads = new Uploads(this.client, { session: 's1', as: 'end-user' }, {
      env,
      carry: (url, file, hearer) => {
        const way: Way = { ...hearer, url, file, stopped: false };
        this.ways.push(way);
        return () => void (way.stopped = true);
      },
      preview: async () => this.picture,
    });
    this.line = world.line;
    this.line.welcome({ number: 2 });
    this.hear(
      { type: 'created', data: { agent: 'a1', agentName: 'Ada', expires: '' }, seq: 1 },
      { type: 'arrived', by: 'e1', data: { participant: 'e1', role: 'end-user', via: 'link' }, seq: 2 },
    );
  }

  hear(...events: Parameters<typeof log>): void {
    const all: SessionEvent[] = log(...events);
    this.line.events(all[0]!.seq - 1, ...all);
  }

  offered(file: string, size: number, by = 'e1', name = `${file}.txt`): void {
    this.hear({ type: 'file', by, id: file, data: { file, name, size, mediaType: '' }, seq: ++this.number });
  }

  moved(file: string, state: string): void {
    this.hear({ type: 'file-moved', data: { file, state }, seq: ++this.number });
  }

  /** Another's client told how far a file is. */
  async signal(file: string, bytes: number): Promise<void> {
    this.line.say({ type: 'signal', kind: 'progress', file, bytes });
    await settled();
  }

  states(): string[] {
    return [...this.client.conversation.files.keys()].flatMap((id) => this.uploads.transfer(id)?.state ?? []);
  }

  of(method: string): string[] {
    return this.asked.filter((a) => a.method === method).map((a) => a.path);
  }

  private async answer(url: string, init: RequestInit): Promise<Response> {
    const path = url.replace('/api/sessions/s1', '');
    this.asked.push({ method: init.method ?? 'GET', path, headers: init.headers as Record<string, string> });
    const code = path.startsWith('/uploads') && init.method !== 'GET' ? this.refusals.shift() : undefined;
    if (code === '' || (init.method === 'GET' && !this.limits)) throw new TypeError('Failed to fetch');
    if (code) return Response.json({ code }, { status: { unavailable: 503, 'too-many': 429 }[code] ?? 403 });
    if (init.method === 'GET') return Response.json(this.limits);
    if (init.method !== 'POST') return new Response(null, { status: 204 });
    const id = `f${++this.files}`;
    this.offered(id, Number((init.headers as Record<string, string>)['Upload-Length']));
    return new Response(null, { status: 201, headers: { Location: `/api/sessions/s1/uploads/${id}?as=end-user` } });
  }
}

function file(name: string, size = 10, type = 'text/plain', lastModified = 7): File {
  return new File([new Uint8Array(size)], name, { type, lastModified });
}

/** Sends files, and lets everything happen that needs no time. */
async function sending(page: Page, ...files: File[]): Promise<void> {
  await page.uploads.send(files);
  await page.world.pass(0);
}

function metadata(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(headers['Upload-Metadata']!.split(',').map((p) => p.split(' ')).map(([k, v]) => [k, Buffer.from(v!, 'base64').toString()]));
}

test('a snapshot is marked, and nothing else', async () => {
  const page = new Page();
  await page.uploads.send([file('a.png', 10, 'image/png')], true);
  await sending(page, file('b.png', 10, 'image/png'));
  assert.deepEqual(page.asked.filter((a) => a.method === 'POST').map((a) => metadata(a.headers)['snapshot']), ['true', undefined]);
});

test('a file is offered with its name, type and an id, then its bytes go', async () => {
  const page = new Page();
  await sending(page, file('Grüße.txt'));
  assert.deepEqual(page.of('POST'), ['/uploads?as=end-user']);
  const { headers } = page.asked.find((a) => a.method === 'POST')!;
  assert.equal(headers['Upload-Length'], '10');
  const about = metadata(headers);
  assert.deepEqual([about.filename, about.filetype], ['Grüße.txt', 'text/plain']);
  assert.ok(about.id);
  assert.deepEqual(page.ways.map((w) => w.url), ['/api/sessions/s1/uploads/f1?as=end-user']);
  assert.deepEqual(page.states(), ['running']);
  page.ways[0]!.done();
  page.moved('f1', 'checking');
  await settled();
  assert.equal(page.uploads.transfer('f1'), undefined);
  assert.equal(page.uploads.busy, false);
  assert.equal(page.world.env.storage.length, 0);
});

test('what the server said before is checked before anything is sent', async () => {
  const page = new Page();
  await sending(page, file('big.bin', 1001), file('a.EXE'), file('b.mp4', 1, 'video/mp4'), file('a', 900), file('b', 900), file('c', 900));
  assert.deepEqual(page.uploads.refusals.map(({ name, code, limit }) => [name, code, limit]), [
    ['big.bin', 'file-too-large', 1000], ['a.EXE', 'file-type', undefined], ['b.mp4', 'file-type', undefined], ['c', 'files-too-many', 2000],
  ]);
  assert.equal(page.of('POST').length, 2);
  page.uploads.dismiss(page.uploads.refusals[0]!.key);
  assert.equal(page.uploads.refusals.length, 3);
});

test('the name of a refused file plays no tricks', () => {
  const page = new Page();
  page.uploads.refuse('photo\u202egnp.exe\n', 'folder');
  assert.equal(page.uploads.refusals[0]!.name, 'photognp.exe');
});

test('folders are told from files', () => {
  const item = (name: string, isDirectory: boolean) => ({ getAsFile: () => file(name), webkitGetAsEntry: () => ({ isDirectory }) });
  const text = { getAsFile: () => null, webkitGetAsEntry: () => null };
  const { files, folders } = filesOf({ items: [item('a', false), item('b', true), text] } as unknown as DataTransfer);
  assert.deepEqual([files.map((f) => f.name), folders], [['a'], ['b']]);
});

test('types are endings, media types and families; the forbidden win', () => {
  const cases: [Partial<Limits>, File, string | undefined][] = [
    [{ allow: ['.pdf'], deny: [] }, file('a.PDF'), undefined],
    [{ allow: ['.pdf'], deny: [] }, file('pdf'), 'file-type'],
    [{ allow: ['image/*'], deny: [] }, file('a', 1, 'image/png'), undefined],
    [{ allow: ['image/*'], deny: ['image/svg+xml'] }, file('a', 1, 'image/svg+xml'), 'file-type'],
    [{ allow: ['application/octet-stream'], deny: [] }, file('a', 1, ''), undefined],
    [{ off: true }, file('a'), 'files-off'],
  ];
  for (const [some, f, code] of cases) assert.equal(check(f, { ...limits, ...some })?.code, code);
});

test('what the server refuses is told with its code; what passes is tried again under the same id', async () => {
  const page = new Page();
  page.refusals = ['no-space', 'unavailable', ''];
  const sent = page.uploads.send([file('a'), file('b')]);
  await page.world.pass(5000);
  await sent;
  assert.deepEqual(page.uploads.refusals.map((r) => [r.name, r.code]), [['a', 'no-space']]);
  const ids = page.asked.filter((a) => a.method === 'POST').map((a) => a.headers['Upload-Metadata']!.split(',').at(-1));
  assert.equal(ids.length, 4);
  assert.equal(new Set(ids).size, 2);
  assert.deepEqual(page.ways.map((w) => w.file.name), ['b']);
});

test('without a server a file is refused after some tries', async () => {
  const page = new Page();
  page.limits = undefined;
  page.refusals = ['', '', '', ''];
  const sent = page.uploads.send([file('a')]);
  await page.world.pass(60_000);
  await sent;
  assert.deepEqual(page.uploads.refusals.map((r) => r.code), ['']);
});

test('three are under way at once, the rest wait for their turn', async () => {
  const page = new Page();
  await sending(page, ...['a', 'b', 'c', 'd', 'e'].map((n) => file(n)));
  assert.deepEqual(page.states(), ['running', 'running', 'running', 'waiting', 'waiting']);
  page.ways[1]!.done();
  await settled();
  assert.deepEqual(page.ways.map((w) => w.file.name), ['a', 'b', 'c', 'd']);
  page.moved('f1', 'cancelled');
  await page.world.pass(0);
  assert.equal(page.ways[0]!.stopped, true);
  assert.deepEqual(page.ways.map((w) => w.file.name), ['a', 'b', 'c', 'd', 'e']);
});

test('an empty file needs no bytes', async () => {
  const page = new Page();
  await sending(page, file('empty', 0));
  assert.equal(page.ways.length, 0);
  assert.equal(page.uploads.busy, false);
});

test('a lost network makes it wait longer each time, until bytes come further', async () => {
  const page = new Page();
  await sending(page, file('a'));
  const waits = [];
  for (let i = 0; i < 7; i++) {
    page.ways.at(-1)!.failed(0);
    await settled();
    assert.deepEqual(page.states(), ['waiting']);
    const before = page.world.time;
    const ways = page.ways.length;
    while (page.ways.length === ways) await page.world.pass(500);
    waits.push(page.world.time - before);
  }
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  page.ways.at(-1)!.sent(5);
  page.ways.at(-1)!.failed(503);
  await page.world.pass(1000);
  assert.equal(page.ways.length, 9);
});

test('it goes on at once when the network or the server is back', async () => {
  const page = new Page();
  await sending(page, file('a'));
  page.ways[0]!.failed(0);
  page.world.fire('online');
  assert.equal(page.ways.length, 2);
  page.ways[1]!.failed(0);
  page.world.lines.at(-1)!.break();
  await page.world.pass(200);
  assert.equal(page.ways.length, 2);
  page.world.line.welcome({ number: page.number });
  await settled();
  assert.equal(page.ways.length, 3);
});

test('a connection on which nothing moves is given up', async () => {
  const page = new Page();
  await sending(page, file('a'));
  await page.world.pass(20_000);
  page.ways[0]!.sent(4);
  await page.world.pass(29_000);
  assert.equal(page.ways[0]!.stopped, false);
  await page.world.pass(2000);
  assert.equal(page.ways[0]!.stopped, true);
  assert.equal(page.ways.length, 2);
  page.ways[0]!.done(); // too late: nobody hears it
  assert.equal(page.uploads.transfer('f1')!.bytes, 4);
});

test('bytes that nobody wants any more are not sent again', async () => {
  const page = new Page();
  await sending(page, file('a'));
  page.ways[0]!.failed(410);
  await page.world.pass(120_000);
  assert.equal(page.ways.length, 1);
});

test('a file that changed on its disk has to be given again', async () => {
  const page = new Page();
  const gone = Object.assign(file('a.txt'), { slice: () => ({ arrayBuffer: () => Promise.reject(new Error('changed')) }) });
  await sending(page, gone);
  page.ways[0]!.failed(0);
  await settled();
  assert.deepEqual(page.states(), ['missing']);
  assert.equal(page.uploads.again('f1', file('a.txt', 11)), false);
  assert.equal(page.uploads.again('f1', file('a.txt')), true);
  await settled();
  assert.deepEqual(page.states(), ['running']);
  await page.world.pass(60_000);
  assert.equal(page.ways.filter((w) => !w.stopped).length, 1);
});

test('after a reload own files are missing until the same is chosen', async () => {
  const world = new World();
  const before = new Page(world);
  await sending(before, file('a'));
  before.client.close();
  before.uploads.close();
  assert.equal(before.ways[0]!.stopped, true);
  const page = new Page(world);
  page.offered('f1', 10);
  await world.pass(100);
  assert.deepEqual(page.states(), ['missing']);
  assert.equal(page.uploads.busy, false);
  for (const other of [file('b'), file('a', 11), file('a', 10, '', 8)]) assert.equal(page.uploads.again('f1', other), false);
  assert.equal(page.uploads.again('f1', file('a')), true);
  await world.pass(0);
  assert.deepEqual(page.ways.map((w) => w.url), ['/api/sessions/s1/uploads/f1?as=end-user']);
});

test("another tab's files are not missing while they move, and are after", async () => {
  const world = new World();
  await sending(new Page(world), file('a'));
  const page = new Page(world, new World().env.tab);
  page.offered('f1', 100);
  page.offered('f2', 100, 'a1');
  await world.pass(4000);
  assert.deepEqual(page.states(), ['theirs', 'theirs']);
  await page.signal('f1', 5);
  await world.pass(4000);
  await page.signal('f2', 5);
  assert.deepEqual(page.states(), ['theirs', 'theirs']);
  await world.pass(1000);
  assert.deepEqual(page.states(), ['missing', 'theirs']);
});

test('rate and time left come from the last seconds', async () => {
  const page = new Page();
  page.offered('x', 100_000, 'a1');
  await settled();
  const at = () => page.uploads.transfer('x')!;
  assert.deepEqual(at(), { file: 'x', bytes: 0, rate: 0, left: Infinity, state: 'theirs' });
  for (let i = 1; i <= 10; i++) {
    await page.signal('x', i * (i < 5 ? 100 : 1000));
    if (i < 10) await page.world.pass(1000);
  }
  assert.equal(at().bytes, 10_000);
  assert.equal(at().rate, 1000);
  assert.equal(at().left, 90);
  await page.world.pass(7000);
  assert.equal(at().rate, 0);
  await page.signal('x', 50); // the server had stored less
  assert.deepEqual([at().bytes, at().rate], [50, 0]);
});

test('readers hear each second how far files are, and only while there are any', async () => {
  const page = new Page();
  let told = 0;
  page.uploads.subscribe(() => told++);
  await sending(page, file('a'));
  await page.world.pass(500);
  told = 0;
  page.ways[0]!.sent(5);
  await page.world.pass(4000);
  assert.equal(told, 4);
  page.moved('f1', 'arrived');
  await page.world.pass(2000);
  told = 0;
  await page.world.pass(5000);
  assert.equal(told, 0);
});

test('a preview goes before the bytes, but holds them up only for a while', async () => {
  const page = new Page();
  page.picture = new Blob(['…'], { type: 'image/png' });
  await sending(page, file('a.png', 10, 'image/png'));
  assert.deepEqual(page.of('PUT'), ['/files/f1/preview?as=end-user']);
  assert.equal(page.ways.length, 1);
  page.client.conversation.files.get('f1')!.preview = true;
  page.uploads.again('f1', file('a.png', 10, 'image/png'));
  await page.world.pass(0);
  assert.equal(page.of('PUT').length, 1);
});

test('either side cancels; only a server that can’t be told is trouble', async () => {
  const page = new Page();
  page.offered('x', 100, 'a1');
  await page.uploads.cancel('x');
  assert.deepEqual(page.of('DELETE'), ['/uploads/x?as=end-user']);
  page.refusals = ['too-late'];
  await page.uploads.cancel('x');
  page.refusals = ['unavailable'];
  await assert.rejects(page.uploads.cancel('x'));
});

test('the end of the session stops everything', async () => {
  const page = new Page();
  await sending(page, file('a'));
  page.hear({ type: 'ended', by: 'a1', data: { reason: 'agent' }, seq: ++page.number });
  await settled();
  assert.equal(page.ways[0]!.stopped, true);
  assert.equal(page.uploads.transfer('f1'), undefined);
});
