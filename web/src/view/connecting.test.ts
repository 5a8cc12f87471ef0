// Two pages find each other, and again, whatever gets lost between them.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { arrived, Between, captured, FakePeer } from './fakes';
import type { Mark } from './marks';

let between: Between;
beforeEach(() => void (between = new Between()));
afterEach(() => between.end());

const open = () => FakePeer.all.filter((p) => p.signalingState !== 'closed');

test('both codes agree, also when the connection is made anew', async () => {
  const { sharing } = between;
  const agree = (code: string) => assert.ok(code && code === sharing.codes.get('ada'), `${code} and ${sharing.codes.get('ada')}`);
  const page = await between.view();
  assert.equal(page.state, 'live');
  agree(page.code);
  sharing.begin(captured(true));
  page.watch('eve', 2); // sound was asked for, and given
  await arrived();
  agree(page.code);
  const second = between.watching();
  second.watch('eve', 2);
  await arrived();
  agree(second.code);
  assert.equal(page.state, 'elsewhere');
  page.take();
  await arrived();
  assert.equal(page.state, 'live');
  agree(page.code);
});

test('an offer that was lost is made again', async () => {
  const page = await between.view();
  between.offline = true;
  for (const peer of open()) peer.become('disconnected');
  const wake = async () => {
    between.sharing.wake();
    page.wake();
    await arrived();
  };
  await wake();
  assert.deepEqual(open().map((p) => p.signalingState), ['have-local-offer', 'have-local-offer']);
  assert.equal(page.state, 'broken');
  between.offline = false;
  await wake();
  assert.equal(page.state, 'live');
});

test('what is said while a page asks for its relay is heard afterwards, in order', async () => {
  const page = between.watching();
  let answer!: (servers: RTCIceServer[]) => void;
  between.servers = () => new Promise((done) => (answer = done));
  let name = '';
  between.sharing.hear = (_, text) => Promise.resolve(void (name = JSON.parse(text).page));
  page.watch('eve', 1);
  await arrived();
  const say = (k: string, more: object) => void page.hear('eve', JSON.stringify({ k, page: name, link: 'l', ...more }));
  const offer = { nonce: 'n', sdp: { type: 'offer', sdp: 'a=fingerprint:sha-256 AA\r\n' } };
  say('sdp', offer);
  await arrived();
  say('ice', { ice: { candidate: 'first' } });
  say('sdp', offer);
  await arrived();
  answer([]);
  await arrived();
  assert.equal(open().length, 1);
  assert.equal(open()[0]!.candidates.length, 1);
});

test('who pauses while somebody is connected sends them nothing', async () => {
  let taken!: () => void;
  FakePeer.parameters = new Promise((done) => (taken = done));
  await between.view();
  between.sharing.pause(true);
  taken();
  await arrived();
  const sending = () => open().flatMap((p) => p.senders.map((s) => s.track));
  assert.deepEqual(sending(), [null]);
  between.sharing.pause(false);
  await arrived();
  assert.deepEqual(sending(), between.sharing.stream!.getVideoTracks());
});

test('what an agent drew before their page was loaded again is gone', async () => {
  await between.view();
  const { sharing } = between;
  const mark: Mark = { id: 'a', shape: 'box', points: [[0, 0], [1, 1]] };
  for (const s of [{ k: 'draw', mark, from: 0 }, { k: 'laser', at: [0, 0] }, { k: 'freeze', on: true }] as const) sharing.marks.get('ada')!.take(structuredClone(s) as never);
  between.pages.pop()!.unwatch();
  const again = between.watching();
  again.watch('eve', 1);
  again.show({ k: 'draw', mark: { ...mark, id: 'b' }, from: 0 });
  await arrived();
  const marks = sharing.marks.get('ada')!;
  assert.deepEqual([marks.marks.map((m) => m.id), marks.laser, marks.frozen], [['b'], null, false]);
});

test('a page that shows more than anybody draws is not heard', async () => {
  const page = await between.view();
  for (let i = 0; i < 20_000; i++) page.show({ k: 'clear' });
  assert.ok(between.marked > 1000 && between.marked < 15_000, String(between.marked));
});

test('a codec that is too slow is avoided once, also where there is no other', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  await between.view();
  let looks = 0;
  FakePeer.stats = () => {
    const framesEncoded = 60 * ++looks;
    return new Map<string, object>([['v', { type: 'outbound-rtp', kind: 'video', codecId: 'c', framesEncoded, totalEncodeTime: framesEncoded / 10 }], ['c', { mimeType: 'video/VP8' }]]);
  };
  const [peer] = open();
  const before = peer!.offers;
  for (let i = 0; i < 20; i++) {
    t.mock.timers.tick(2000);
    await arrived();
  }
  assert.deepEqual([looks, peer!.offers - before], [20, 1]);
});

test('who is dismissed while they are connected leaves no code', async () => {
  const page = await between.view();
  const { digest } = crypto.subtle;
  let summed!: () => void;
  const held = new Promise<void>((done) => (summed = done));
  let watched = 0;
  crypto.subtle.digest = (algorithm, data) => {
    const sum = digest(algorithm, data);
    return new TextDecoder().decode(data as Uint8Array).includes('deskside code') ? (watched++, held.then(() => sum)) : sum;
  };
  page.watch('eve', 2);
  await arrived();
  assert.equal(watched, 1); // the agent's page, which is asked first
  page.unwatch();
  summed();
  await arrived();
  crypto.subtle.digest = digest;
  assert.equal(page.code, '');
});
