import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection, FITS, type Status } from './connection';
import { settled, World } from './fakes';
import type { Frame } from './protocol';

interface Heard {
  world: World;
  connection: Connection;
  frames: Frame[];
  statuses: Status[];
  /** The number that the reader has. */
  number: number;
}

function connect(world = new World(), env = world.env): Heard {
  const heard = { world, frames: [], statuses: [], number: 0 } as unknown as Heard;
  heard.connection = new Connection({
    base: '/api/sessions/s1', query: 'as=end-user', after: () => heard.number,
    onFrame: (f) => heard.frames.push(f), onStatus: (s) => heard.statuses.push(s),
  }, env);
  return heard;
}

/** Breaks the newest line and waits until the next one is tried. */
async function breakAndWait(world: World): Promise<void> {
  const lines = world.lines.length;
  world.line.break();
  while (world.lines.length === lines) await world.pass(world.next);
}

test('a connection begins as a socket, and is online with its first frame', () => {
  const { world, connection, frames, statuses } = connect();
  assert.equal(world.line.kind, 'socket');
  assert.equal(world.line.url, '/api/sessions/s1/live?after=0&as=end-user');
  assert.equal(connection.status, 'connecting');
  world.line.welcome();
  assert.deepEqual(statuses, ['online']);
  assert.deepEqual(frames.map((f) => f.type), ['welcome']);
});

test('it comes back with the number that the reader has', async () => {
  const heard = connect();
  heard.world.line.welcome();
  heard.number = 17;
  await breakAndWait(heard.world);
  assert.equal(heard.world.line.after, 17);
});

test('it comes back after every code that is not final, 1000 included', async () => {
  for (const code of [1000, 1001, 1003, 1006, 1009, 1011, 1012, 1013, 4010, 4999]) {
    const { world, statuses } = connect();
    world.line.welcome();
    world.line.break(code);
    await world.pass(200);
    assert.equal(world.lines.length, 2, `${code}`);
    assert.deepEqual(statuses, ['online', 'offline'], `${code}`);
  }
});

test('the final codes end it, on sockets and streams', async () => {
  for (const [code, status] of [[4000, 'ended'], [4001, 'removed'], [4002, 'signed-out']] as const) {
    for (const kind of ['socket', 'stream']) {
      const { world, statuses } = connect();
      if (kind === 'stream') await onStreams(world);
      world.line.welcome();
      const lines = world.lines.length;
      world.line.break(code);
      world.fire('online');
      await world.pass(600_000);
      assert.equal(world.lines.length, lines, `${kind} ${code}`);
      assert.equal(statuses.at(-1), status, `${kind} ${code}`);
    }
  }
});

/** Breaks sockets until the connection is a stream. */
async function onStreams(world: World): Promise<void> {
  await breakAndWait(world);
  await breakAndWait(world);
  assert.equal(world.line.kind, 'stream');
}

test('1012 waits as long as the server says', async () => {
  const { world } = connect();
  world.line.welcome();
  world.line.break(1012, '1234');
  await world.pass(1233);
  assert.equal(world.lines.length, 1);
  await world.pass(1);
  assert.equal(world.lines.length, 2);
});

test('4010 comes back at once', async () => {
  const { world } = connect();
  world.line.welcome();
  world.line.break(4010);
  await world.pass(0);
  assert.equal(world.lines.length, 2);
});

test('the back-off doubles from 0.2 s to 5 s, with full jitter, and begins anew after a frame', async () => {
  const { world } = connect();
  world.line.welcome();
  const waits = async (n: number) => {
    const all: number[] = [];
    for (let i = 0; i < n; i++) {
      world.line.break();
      all.push(world.next);
      await world.pass(world.next);
    }
    return all;
  };
  assert.deepEqual(await waits(7), [200, 400, 800, 1600, 3200, 5000, 5000]);
  world.line.welcome();
  assert.deepEqual(await waits(1), [200]);
  world.env.random = () => 0.25;
  assert.deepEqual(await waits(2), [100, 200]);
});

test('9 s of silence are a lost connection; a beat is answered and is no silence', async () => {
  const { world, statuses, frames } = connect();
  world.line.welcome();
  await world.pass(8000);
  world.line.say({ type: 'beat' });
  assert.deepEqual(world.line.sent, [{ type: 'beat' }]);
  await world.pass(8999);
  assert.deepEqual(statuses, ['online']);
  await world.pass(1);
  assert.deepEqual(statuses, ['online', 'offline']);
  assert.equal(world.lines[0]!.closed, true);
  assert.deepEqual(frames.map((f) => f.type), ['welcome']);
});

test('a line that says nothing for 4 s is given up', async () => {
  const { world } = connect();
  await world.pass(3999);
  assert.equal(world.lines.length, 1);
  await world.pass(201);
  assert.equal(world.lines.length, 2);
  assert.equal(world.lines[0]!.closed, true);
});

test('it is back at once when the network returns or the page is shown, and not twice', async () => {
  for (const name of ['online', 'pageshow', 'visibilitychange']) {
    const { world } = connect();
    world.line.welcome();
    world.line.break();
    world.fire(name);
    assert.equal(world.lines.length, 2, name);
    await world.pass(3000);
    assert.equal(world.lines.length, 2, name);
  }
});

test('a page that slept notices at once that its line is old', async () => {
  const { world } = connect();
  world.line.welcome();
  world.time += 60_000; // no timer ran meanwhile
  world.fire('visibilitychange');
  await world.pass(200);
  assert.equal(world.lines.length, 2);
});

test('an attempt that was begun without a network is begun anew with one', async () => {
  const { world, connection } = connect();
  world.line.welcome();
  await breakAndWait(world);
  world.fire('online');
  assert.equal(world.lines.length, 3);
  assert.equal(world.lines[1]!.closed, true);
  assert.equal(world.line.kind, 'socket', 'no fault of sockets');
  world.line.welcome();
  world.fire('online');
  assert.equal(world.lines.length, 3, 'a good line stays');
  assert.equal(connection.status, 'online');
});

test('a lost network is noticed at once', () => {
  const { world, statuses } = connect();
  world.line.welcome();
  world.fire('offline');
  assert.deepEqual(statuses, ['online', 'offline']);
});

test('two silent sockets lead to a stream; one that spoke in between does not', async () => {
  const { world } = connect();
  await breakAndWait(world);
  world.line.welcome();
  await breakAndWait(world);
  await breakAndWait(world);
  assert.deepEqual(world.lines.map((l) => l.kind), ['socket', 'socket', 'socket', 'socket']);
  await breakAndWait(world);
  assert.equal(world.line.kind, 'stream');
  assert.equal(world.line.url, '/api/sessions/s1/stream?after=0&as=end-user');
});

test('where streams fail too it is not the sockets: they get their turn again', async () => {
  const { world } = connect();
  for (let i = 0; i < 5; i++) await breakAndWait(world);
  assert.deepEqual(world.lines.map((l) => l.kind), ['socket', 'socket', 'stream', 'socket', 'socket', 'stream']);
});

test('a tab remembers over a reload that it needs streams', async () => {
  const world = new World();
  const tab = world.page().tab;
  const { connection } = connect(world, world.page(tab));
  await onStreams(world);
  world.line.welcome();
  connection.stop();
  connect(world, world.page(tab));
  assert.equal(world.line.kind, 'stream');
  connect(world, world.page());
  assert.equal(world.line.kind, 'socket');
});

test('a socket is tried beside the stream soon, then each minute, and takes over with its first frame', async () => {
  const heard = connect();
  const { world, statuses, connection } = heard;
  await onStreams(world);
  const stream = world.line.welcome();
  const beats = async (ms: number) => {
    for (let past = 0; past < ms; past += 4000) {
      stream.say({ type: 'beat' });
      await world.pass(4000);
    }
  };
  await beats(8000);
  assert.equal(world.line.kind, 'socket');
  assert.equal(connection.send({ type: 'post', text: 'a' }), false, 'the socket is not there yet');
  const first = world.line;
  first.break();
  await beats(60_000);
  assert.equal(stream.closed, false);
  assert.notEqual(world.line, first);
  heard.number = 5;
  world.line.welcome();
  assert.equal(stream.closed, true);
  assert.deepEqual(statuses, ['offline', 'online'], 'nobody noticed anything');
  assert.equal(connection.send({ type: 'post', text: 'a' }), true);
  await breakAndWait(world);
  assert.equal(world.line.kind, 'socket');
  assert.equal(world.line.after, 5);
});

test('a stream that is refused for good ends it; one that is refused for now does not', async () => {
  for (const [status, code, want] of [
    [401, 'unauthenticated', 'signed-out'], [403, 'forbidden', 'removed'], [404, 'not-found', 'removed'],
    [503, 'unavailable', 'offline'], [404, '', 'offline'], [200, '', 'offline'],
  ] as const) {
    const { world, connection } = connect();
    await onStreams(world);
    world.line.refuse();
    assert.equal(world.post.url, '/api/sessions/s1/stream?after=0&as=end-user');
    world.post.answer(status, { code });
    await settled();
    assert.equal(connection.status, want, code);
    const lines = world.lines.length;
    await world.pass(5000);
    assert.equal(world.lines.length > lines, want === 'offline', code);
  }
});

test('a stream that is only cut off is not asked why', async () => {
  const { world } = connect();
  await onStreams(world);
  world.line.break();
  assert.equal(world.posts.length, 0);
});

test('what an old line still says is not heard', () => {
  const { world, frames } = connect();
  const old = world.line.welcome();
  old.break();
  world.fire('online');
  world.line.welcome();
  old.say({ type: 'standing', standing: 'refused' });
  old.break(4001);
  assert.deepEqual(frames.map((f) => f.type), ['welcome', 'welcome']);
});

test('nothing is sent before the line is there, nor after it is gone', () => {
  const { world, connection } = connect();
  assert.equal(connection.send({ type: 'post' }), false);
  world.line.welcome();
  assert.equal(connection.send({ type: 'post' }), true);
  world.line.break();
  assert.equal(connection.send({ type: 'post' }), false);
});

test('a request that is too large for a frame is left to a post', () => {
  const { world, connection } = connect();
  world.line.welcome();
  assert.equal(connection.send({ type: 'post', text: 'x'.repeat(FITS) }), false);
  assert.equal(world.line.of('post').length, 0);
});

test('stop ends it for good', async () => {
  const { world, connection } = connect();
  world.line.welcome();
  connection.stop();
  world.fire('online');
  await world.pass(60_000);
  assert.equal(world.lines.length, 1);
  assert.equal(world.line.closed, true);
});
