import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './client';
import { log, settled, World } from './fakes';
import type { Problem, SessionEvent } from './protocol';

const opening = log(
  { type: 'created', data: { agent: 'a1', agentName: 'Ada', expires: '2026-11-23T15:00:00.000Z' } },
  { type: 'arrived', by: 'e1', data: { participant: 'e1', role: 'end-user', via: 'link' } },
);

/** A client of the end-user e1, online, with the opening of the log. */
function online(world = new World(), env = world.env): Client {
  const client = new Client({ session: 's1', as: 'end-user', env });
  world.line.welcome({ number: 2 });
  world.line.events(0, ...opening);
  return client;
}

function said(seq: number, text: string, by = 'a1', id = `r${seq}`): SessionEvent {
  return log({ seq, type: 'message', by, id, data: { text } })[0]!;
}

function texts(client: Client): string[] {
  return client.conversation.items.flatMap((i) => (i.kind === 'message' ? [i.text] : []));
}

function acknowledge(world: World, id: string, seq: number): void {
  world.line.say({ type: 'ack', id, seq, at: '2026-11-23T14:05:09.120Z' });
}

function refuse(world: World, id: string, code: string): void {
  world.line.say({ type: 'error', id, problem: { code } as Problem });
}

/** Loses the line and comes back. */
async function comeBack(world: World): Promise<void> {
  world.line.break();
  await world.pass(200);
}

test('a client folds what it hears and tells its readers, once for many changes', async () => {
  const world = new World();
  const client = online(world);
  let told = 0;
  client.subscribe(() => told++);
  world.line.events(2, said(3, 'Hello'), said(4, 'How are you?'));
  world.line.say({ type: 'signal', kind: 'visits', count: 3 });
  await settled();
  assert.equal(told, 1);
  assert.deepEqual(texts(client), ['Hello', 'How are you?']);
  assert.equal(client.visits, 3);
});

test('it resumes by number, and folds doubled events once', async () => {
  const world = new World();
  const client = online(world);
  world.line.events(2, said(3, 'a'), said(4, 'b'));
  world.line.events(2, said(3, 'a'), said(4, 'b'));
  world.line.events(3, said(4, 'b'), said(5, 'c'));
  await comeBack(world);
  assert.equal(world.line.after, 5);
  world.line.welcome({ number: 6 });
  world.line.events(4, said(5, 'c'), said(6, 'd'));
  assert.deepEqual(texts(client), ['a', 'b', 'c', 'd']);
});

test('numbers that are not for the reader count as had', async () => {
  const world = new World();
  online(world);
  world.line.say({ type: 'events', after: 2, upto: 9, events: [said(5, 'a')] });
  await comeBack(world);
  assert.equal(world.line.after, 9);
});

test('a gap leads back to the server with the number before it', async () => {
  const world = new World();
  const client = online(world);
  world.line.events(3, said(4, 'b'));
  await world.pass(0);
  assert.equal(world.lines.length, 2);
  assert.equal(world.line.after, 2);
  world.line.welcome({ number: 4 });
  world.line.events(2, said(3, 'a'), said(4, 'b'));
  assert.deepEqual(texts(client), ['a', 'b']);
});

test('a message waits in the outbox until the stream brings it', async () => {
  const world = new World();
  const client = online(world);
  client.post('Hello');
  const [sent] = world.line.of('post');
  assert.equal(sent!.text, 'Hello');
  assert.deepEqual(client.pending.map((p) => p.text), ['Hello']);
  acknowledge(world, sent!.id!, 3);
  await settled();
  assert.deepEqual(client.pending.map((p) => p.text), ['Hello'], 'acknowledged, and not in the conversation yet');
  world.line.events(2, said(3, 'Hello', 'e1', sent!.id));
  assert.deepEqual(client.pending, []);
  assert.deepEqual(texts(client), ['Hello']);
  await world.pass(60_000);
  assert.equal(world.lines.flatMap((l) => l.of('post')).length, 1);
});

test('messages go one after the other, each once', async () => {
  const world = new World();
  const client = online(world);
  for (const text of ['1', '2', '3']) client.post(text);
  for (let n = 1; n <= 3; n++) {
    const sent = world.line.of('post');
    assert.deepEqual(sent.map((r) => r.text), ['1', '2', '3'].slice(0, n));
    acknowledge(world, sent.at(-1)!.id!, 2 + n);
    await settled();
  }
  assert.equal(world.line.of('post').length, 3);
});

test('messages written offline survive a reload and are sent once, in order', async () => {
  const world = new World();
  const before = online(world);
  world.line.break();
  world.fire('offline');
  for (const text of ['1', '2', '3']) before.post(text);
  before.close();
  const client = new Client({ session: 's1', as: 'end-user', env: world.page() });
  assert.deepEqual(client.pending.map((p) => p.text), ['1', '2', '3']);
  world.line.welcome({ number: 2 });
  world.line.events(0, ...opening);
  for (let n = 0; n < 3; n++) {
    const sent = world.line.of('post').at(-1)!;
    acknowledge(world, sent.id!, 3 + n);
    world.line.events(2 + n, said(3 + n, sent.text!, 'e1', sent.id));
    await settled();
  }
  assert.deepEqual(world.line.of('post').map((r) => r.text), ['1', '2', '3']);
  assert.deepEqual(texts(client), ['1', '2', '3']);
  assert.deepEqual(client.pending, []);
});

test('a message whose acknowledgement got lost is not sent by the reloaded page that already has it', async () => {
  const world = new World();
  const before = online(world);
  before.post('Hello');
  const { id } = world.line.of('post')[0]!;
  before.close();
  const client = new Client({ session: 's1', as: 'end-user', env: world.page() });
  world.line.welcome({ number: 3 });
  const again = world.line.of('post');
  assert.deepEqual(again.map((r) => r.id), [id], 'the same id: the server makes no second event of it');
  world.line.events(0, ...opening, said(3, 'Hello', 'e1', id));
  await settled();
  assert.deepEqual(client.pending, []);
  assert.deepEqual(texts(client), ['Hello']);
});

test('a refused message is failed with its code, the next ones go on, and it can be tried again', async () => {
  const world = new World();
  const client = online(world);
  client.post('bad');
  client.post('good');
  const { id } = world.line.of('post')[0]!;
  refuse(world, id!, 'text-too-long');
  await settled();
  assert.deepEqual(client.pending.map((p) => [p.text, p.failed]), [['bad', 'text-too-long'], ['good', undefined]]);
  const good = world.line.of('post')[1]!;
  acknowledge(world, good.id!, 3);
  world.line.events(2, said(3, 'good', 'e1', good.id));
  await world.pass(8000);
  assert.equal(world.line.of('post').length, 2, 'what was refused does not go by itself');
  client.retry(id!);
  assert.deepEqual(world.line.of('post').map((r) => r.id), [id, good.id, id]);
  assert.equal(client.pending[0]!.failed, undefined);
});

test('a discarded message is forgotten, also one that has got no answer', async () => {
  const world = new World();
  const client = online(world);
  client.post('bad');
  refuse(world, world.line.of('post')[0]!.id!, 'text-too-long');
  await settled();
  client.discard(client.pending[0]!.id);
  assert.equal(client.pending.length, 0);
  client.post('on its way');
  world.line.break();
  client.discard(client.pending[0]!.id);
  client.post('kept');
  await world.pass(200);
  world.line.welcome();
  await settled();
  assert.deepEqual(world.line.of('post').map((r) => r.text), ['kept']);
});

test('what the server can not take for now goes again under the same id, in order', async () => {
  for (const code of ['unavailable', 'too-many', 'internal']) {
    const world = new World();
    const client = online(world);
    client.post('1');
    client.post('2');
    const [first] = world.line.of('post');
    refuse(world, first!.id!, code);
    await settled();
    assert.deepEqual(client.pending.map((p) => p.failed), [undefined, undefined], code);
    assert.equal(world.line.of('post').length, 1, code);
    world.line.say({ type: 'beat' });
    await world.pass(1000);
    assert.deepEqual(world.line.of('post').map((r) => [r.id, r.text]), [[first!.id, '1'], [first!.id, '1']], code);
    acknowledge(world, first!.id!, 3);
    await settled();
    assert.equal(world.line.of('post').at(-1)!.text, '2', code);
  }
});

test('a request without an answer goes again after a reconnect, and is answered once', async () => {
  const world = new World();
  const client = online(world);
  const ended = client.request('end');
  const { id } = world.line.of('end')[0]!;
  await comeBack(world);
  assert.equal(world.line.of('end').length, 0, 'not before the server has said who we are');
  world.line.welcome({ number: 2 });
  assert.deepEqual(world.line.of('end'), [{ type: 'end', id }]);
  acknowledge(world, id!, 3);
  assert.deepEqual((await ended).seq, 3);
  await comeBack(world);
  world.line.welcome({ number: 3 });
  assert.equal(world.line.of('end').length, 0);
});

test('a request is answered by its event where the answer itself got lost', async () => {
  const world = new World();
  const client = online(world);
  const ended = client.request('end');
  const { id } = world.line.of('end')[0]!;
  world.line.events(2, ...log({ seq: 3, type: 'ended', by: 'e1', id, data: { reason: 'end-user' } }));
  assert.equal((await ended).seq, 3);
});

test('a refused request rejects with its problem', async () => {
  const world = new World();
  const client = online(world);
  const asked = client.request('edit', { message: 3, text: 'x' });
  refuse(world, world.line.of('edit')[0]!.id!, 'too-late');
  await assert.rejects(asked, { code: 'too-late' });
});

/** A client whose sockets never say anything: it is on a stream, and posts. */
async function streaming(world: World): Promise<Client> {
  const client = new Client({ session: 's1', as: 'end-user', env: world.env });
  for (const wait of [200, 400]) {
    world.line.break();
    await world.pass(wait);
  }
  assert.equal(world.line.kind, 'stream');
  world.line.welcome({ number: 2 });
  world.line.events(0, ...opening);
  return client;
}

test('without a socket requests are posted', async () => {
  const world = new World();
  const client = await streaming(world);
  client.post('Hello');
  const { url, request, answer } = world.post;
  assert.equal(url, '/api/sessions/s1/requests?as=end-user');
  assert.deepEqual(request, { type: 'post', text: 'Hello', id: client.pending[0]!.id });
  answer(200, { id: request.id, seq: 3, at: '' });
  await settled();
  world.line.events(2, said(3, 'Hello', 'e1', request.id));
  assert.deepEqual(client.pending, []);
  const refused = client.request('withdraw', { message: 3 });
  world.post.answer(409, { code: 'too-late' });
  await assert.rejects(refused, { code: 'too-late' });
});

test('a post that got lost goes again, though the stream goes on', async () => {
  for (const how of ['fail', 'proxy'] as const) {
    const world = new World();
    const client = await streaming(world);
    client.post('Hello');
    const first = world.posts.filter((p) => p.request.type === 'post');
    if (how === 'fail') first[0]!.fail();
    else first[0]!.answer(502, '<h1>Bad Gateway</h1>');
    await world.pass(1000);
    const again = world.posts.filter((p) => p.request.type === 'post');
    assert.equal(again.length, 2, how);
    assert.deepEqual(again[1]!.request, first[0]!.request, how);
    assert.equal(client.pending[0]!.failed, undefined, how);
  }
});

test('after the end the stream is over, and requests are posted', async () => {
  const world = new World();
  const client = online(world);
  world.line.events(2, ...log({ seq: 3, type: 'ended', by: 'a1', data: { reason: 'agent' } }));
  world.line.break(4000);
  assert.equal(client.status, 'ended');
  const rated = client.request('rate', { rating: 'good' });
  assert.equal(world.post.request.type, 'rate');
  world.post.answer(200, { id: world.post.request.id, seq: 4, at: '' });
  assert.equal((await rated).seq, 4);
  const lost = client.request('rate', { rating: 'bad' });
  world.post.fail();
  await assert.rejects(lost, { code: '' });
});

test('a message that the end of the session overtook is failed, and nothing is left waiting', async () => {
  const world = new World();
  const client = online(world);
  client.post('on its way');
  world.line.break(4000);
  assert.equal(world.post.request.text, 'on its way');
  world.post.answer(409, { code: 'session-ended' });
  await settled();
  assert.deepEqual(client.pending.map((p) => p.failed), ['session-ended']);
});

test('who was removed or signed out gets no answers: requests are refused, messages are kept', async () => {
  for (const [closed, code] of [[4001, 'forbidden'], [4002, 'unauthenticated']] as const) {
    const world = new World();
    const client = online(world);
    client.post('kept');
    const open = client.request('end');
    world.line.break(closed);
    await assert.rejects(open, { code });
    await assert.rejects(client.request('title', { title: 'x' }), { code });
    assert.deepEqual(client.pending.map((p) => [p.text, p.failed]), [['kept', undefined]]);
    assert.equal(world.posts.length, 0);
  }
});

test('a request that could be too large for a frame is posted, and its refusal does not end the stream', async () => {
  const world = new World();
  const client = online(world);
  const summarized = client.request('summarize', { note: 'ä'.repeat(40_000) });
  assert.equal(world.line.of('summarize').length, 0);
  world.post.answer(413, { code: 'too-large' });
  await assert.rejects(summarized, { code: 'too-large' });
  assert.equal(client.status, 'online');
});

test('writing is told at most every 3 s, its end once, and not after a message', async () => {
  const world = new World();
  const client = online(world);
  const told = () => world.line.of('typing').map((r) => r.typing);
  for (let i = 0; i < 61; i++) {
    client.setTyping(true);
    await world.pass(100);
    world.line.say({ type: 'beat' });
  }
  assert.deepEqual(told(), [true, true, true]);
  client.setTyping(false);
  client.setTyping(false);
  assert.deepEqual(told(), [true, true, true, false]);
  client.setTyping(true);
  client.post('Hello');
  client.setTyping(false);
  assert.deepEqual(told(), [true, true, true, false, true], 'the message says that the writing is over');
});

test('somebody who writes is forgotten after 6 s, with their message, and when they are gone', async () => {
  const world = new World();
  const client = online(world);
  const writes = (typing = true) => world.line.say({ type: 'signal', kind: 'typing', by: 'a1', typing });
  const writing = () => [...client.typing.keys()];
  writes();
  await world.pass(3000);
  writes();
  await world.pass(5999);
  assert.deepEqual(writing(), ['a1']);
  await world.pass(1);
  assert.deepEqual(writing(), []);
  writes();
  writes(false);
  assert.deepEqual(writing(), []);
  writes();
  world.line.events(2, said(3, 'Hello'));
  assert.deepEqual(writing(), []);
  writes();
  world.line.say({ type: 'signal', kind: 'presence', by: 'a1', presence: 'gone', since: 1 });
  assert.deepEqual(writing(), []);
  writes();
  world.line.break();
  assert.deepEqual(writing(), []);
});

test('marks are told together, and only when they grew', async () => {
  const world = new World();
  const client = online(world);
  world.line.events(2, said(3, 'a'));
  world.line.events(3, said(4, 'b'));
  client.read(3);
  client.read(4);
  client.read(2);
  await world.pass(1000);
  assert.deepEqual(world.line.of('marks'), [{ type: 'marks', delivered: 4, read: 4 }]);
  client.read(4);
  await world.pass(1000);
  assert.equal(world.line.of('marks').length, 1);
});

test('marks that could not be told are told after the reconnect', async () => {
  const world = new World();
  const client = online(world);
  world.line.events(2, said(3, 'a'));
  world.line.break();
  client.read(3);
  await world.pass(200);
  world.line.welcome({ number: 3 });
  await world.pass(150);
  assert.deepEqual(world.line.of('marks'), [{ type: 'marks', delivered: 3, read: 3 }]);
});

test('an own message comes as far as the other side says', () => {
  const world = new World();
  const client = online(world);
  const marks = (by: string, delivered: number, read: number) => world.line.say({ type: 'signal', kind: 'marks', by, marks: { delivered, read } });
  assert.equal(client.reached(3), 'sent');
  marks('e1', 9, 9);
  assert.equal(client.reached(3), 'sent', 'own marks do not count');
  marks('a1', 3, 2);
  assert.equal(client.reached(3), 'delivered');
  assert.equal(client.reached(4), 'sent');
  marks('a1', 4, 3);
  assert.equal(client.reached(3), 'read');
});

test('a welcome brings who is there and how far they have come', () => {
  const world = new World();
  const client = online(world);
  world.line.welcome({
    presence: [{ participant: 'a1', presence: 'away' }], marks: { a1: { delivered: 2, read: 1 } }, visits: 2, wrongKeys: 1, standing: 'here',
  });
  assert.deepEqual(client.presence.get('a1'), { presence: 'away', since: undefined });
  assert.equal(client.reached(2), 'delivered');
  assert.deepEqual([client.visits, client.wrongKeys, client.you, client.standing], [2, 1, 'e1', 'here']);
});

test('a page out of view says so, and again after a reconnect', async () => {
  const world = new World();
  const client = online(world);
  client.away(true);
  assert.deepEqual(world.line.of('away').map((r) => r.away), [true]);
  await comeBack(world);
  world.line.welcome();
  assert.deepEqual(world.line.of('away').map((r) => r.away), [true]);
  client.away(false);
  await comeBack(world);
  world.line.welcome();
  assert.deepEqual(world.line.of('away'), []);
});

test('who knocks learns that they are admitted or refused', () => {
  for (const standing of ['admitted', 'refused'] as const) {
    const world = new World();
    const client = new Client({ session: 's1', as: 'end-user', env: world.env });
    world.line.welcome({ standing: 'knocking' });
    assert.equal(client.standing, 'knocking');
    world.line.say({ type: 'standing', standing });
    assert.equal(client.standing, standing);
  }
});

test('two tabs of one session show the same unsent messages', async () => {
  const world = new World();
  const one = online(world);
  const other = online(world, world.page());
  world.lines[0]!.break();
  let told = 0;
  other.subscribe(() => told++);
  one.post('Hello');
  world.fire('storage', { key: `deskside.outbox.s1.${one.pending[0]!.id}` });
  await settled();
  assert.equal(told, 1);
  assert.deepEqual(other.pending.map((p) => p.text), ['Hello']);
  world.fire('storage', { key: 'something.else' });
  await settled();
  assert.equal(told, 1);
});

test('a closed client does nothing more', async () => {
  const world = new World();
  const client = await streaming(world);
  let told = 0;
  client.subscribe(() => told++);
  client.post('Hello');
  world.post.fail();
  client.close();
  await world.pass(60_000);
  assert.equal(world.posts.filter((p) => p.request.type === 'post').length, 1);
  assert.equal(told, 0);
  assert.deepEqual(client.pending.map((p) => p.text), ['Hello']);
});

