// What the person agreed to, and nothing else, is what agents see.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeChat, page } from './fakes';
import { View } from './view';
import { log, settled } from '../lib/fakes';
import { arrived } from '../view/fakes';
import { Watching } from '../view/watching';

/** Something captured. */
function capture(displaySurface: string, sound = false) {
  const track = (kind: string) => ({ kind, stopped: false, contentHint: '', onended: null, getSettings: () => ({ displaySurface }), stop() { this.stopped = true; } });
  const [video, audio] = [[track('video')], sound ? [track('audio')] : []];
  return { getVideoTracks: () => video, getAudioTracks: () => audio, getTracks: () => [...video, ...audio] };
}

/** The browser's picker, or its question for the camera: it waits for the test's answer. */
function picker(name: 'getDisplayMedia' | 'getUserMedia' = 'getDisplayMedia') {
  let choose!: (c: ReturnType<typeof capture>) => void;
  let cancel!: (e: DOMException) => void;
  const picked = { opened: 0, choose: (c: ReturnType<typeof capture>) => choose(c), cancel: (e: DOMException) => cancel(e) };
  Object.assign(navigator.mediaDevices, {
    [name]: () => new Promise((done, failed) => {
      [choose, cancel] = [done, failed];
      picked.opened++;
    }),
  });
  return picked;
}

function begin() {
  const chat = new FakeChat();
  const view = new View(chat.chat, (key) => key);
  return { chat, view, ask: (agent: string, more: object = {}) => chat.happened({ type: 'view-asked', by: agent, data: { of: 'eve', ...more } }) };
}

/** Presses a button of the card that stands there. */
async function press(label: string): Promise<void> {
  const button = page.card!.button(label)!;
  button.onclick!({ isTrusted: true, detail: 0 });
  await settled();
}

/** Has an agent ask, and the person agree and choose. */
async function share(b: ReturnType<typeof begin>, agent: string, chosen: ReturnType<typeof capture>, more: { sound?: true; surface?: 'camera' } = {}): Promise<void> {
  const camera = 'surface' in more;
  const picked = picker(camera ? 'getUserMedia' : 'getDisplayMedia');
  b.ask(agent, more);
  await press(camera ? 'view.yes.camera' : 'view.yes.screen');
  picked.choose(chosen);
  await settled();
}

test('who agreed that one agent sees more has not agreed that the others do', async () => {
  const b = begin();
  await share(b, 'ada', capture('browser'));
  b.ask('bob');
  await press('view.yes.more');
  assert.deepEqual(b.view.watchers, ['ada', 'bob']);
  await share(b, 'ada', capture('monitor', true), { sound: true });
  assert.deepEqual(b.view.watchers, ['ada']);
  assert.deepEqual(b.chat.of('stop-view'), [{ type: 'stop-view', participant: 'bob', why: 'end-user' }]);
});

test('who sees a whole screen may see another, but not hear it', async () => {
  const b = begin();
  await share(b, 'ada', capture('monitor'));
  b.ask('bob');
  await press('view.yes.more');
  await share(b, 'ada', capture('monitor'), { sound: true }); // the browser offered none
  assert.deepEqual(b.view.watchers, ['ada', 'bob']);
  await share(b, 'ada', capture('monitor', true), { sound: true });
  assert.deepEqual(b.view.watchers, ['ada']);
});

test('a card says anew what a yes gives when that changes', async () => {
  const b = begin();
  const picked = picker();
  b.ask('ada');
  await press('view.yes.screen');
  b.chat.happened({ type: 'view-choosing', by: 'eve', data: { agent: 'ada' } });
  b.ask('bob');
  const card = page.card!;
  assert.ok(card.button('view.yes.screen'));
  picked.choose(capture('browser'));
  await settled();
  assert.ok(page.card!.button('view.yes.more'));
  card.button('view.yes.screen')!.onclick!({ isTrusted: true, detail: 0 }); // as it was
  await settled();
  assert.deepEqual(b.view.watchers, ['ada']);
});

test('a card that was answered is gone while the person chooses', async () => {
  const b = begin();
  const picked = picker();
  b.ask('ada');
  await press('view.yes.screen');
  assert.deepEqual([page.card, picked.opened], [undefined, 1]);
  picked.cancel(new DOMException('Permission denied', 'NotAllowedError'));
  await settled();
  assert.deepEqual(b.chat.of('decline-view'), [{ type: 'decline-view', participant: 'ada', why: 'picker' }]);
});

test('after the page was loaded again each who saw is asked about', async () => {
  const b = begin();
  const granted = (agent: string) => ({ type: 'view-granted', by: 'eve', data: { agent, surface: 'monitor' } }) as const;
  b.chat.happened(granted('ada'), granted('bob'), { type: 'view-stopped', by: 'eve', data: { why: 'reload' } });
  await press('view.no');
  await press('view.no');
  assert.deepEqual(b.chat.of('decline-view').map((r) => r.participant), ['ada', 'bob']);
  assert.equal(page.card, undefined);
});

test('who was choosing when the page was loaded again chooses anew', async () => {
  const chat = new FakeChat();
  chat.client.conversation.views = log({ type: 'view-asked', by: 'ada', data: { of: 'eve' } }, { type: 'view-choosing', by: 'eve', data: { agent: 'ada' } });
  const picked = picker();
  const view = new View(chat.chat, (key) => key);
  await settled();
  await press('view.yes.screen');
  assert.deepEqual([page.card, picked.opened], [undefined, 1]);
  picked.choose(capture('browser'));
  await settled();
  assert.deepEqual(view.watchers, ['ada']);
});

test('who is asked for the camera never hands over the screen', async () => {
  const b = begin();
  await share(b, 'ada', capture('monitor'));
  await share(b, 'bob', capture(''), { surface: 'camera' });
  assert.deepEqual(b.view.watchers, ['bob']);
  assert.deepEqual(b.chat.of('grant-view').map((r) => [r.participant, r.surface]), [['ada', 'monitor'], ['bob', 'camera']]);
});

test('who stops while the other camera opens is not seen by it', async () => {
  const b = begin();
  await share(b, 'ada', capture(''), { surface: 'camera' });
  const picked = picker('getUserMedia');
  const turned = b.view.turn('user');
  b.view.stop('end-user');
  const other = capture('');
  picked.choose(other);
  await turned;
  assert.equal(b.view.sharing.stream, undefined);
  assert.equal(other.getTracks()[0]!.stopped, true);
});

test('whatever an agent draws, the page paints once a frame', async () => {
  Object.assign(globalThis, { fetch: () => Promise.resolve(new Response('{"iceServers":[]}')) });
  const b = begin();
  const ada = new Watching({ servers: () => Promise.resolve([]), changed() {}, say: (_, said) => b.chat.client.onRTC!('ada', said) });
  b.chat.said = (said) => void ada.hear('eve', said);
  await share(b, 'ada', capture('monitor'));
  ada.watch('eve', 1);
  await arrived();
  assert.equal(ada.state, 'live');
  page.frames.splice(0).forEach((f) => f());
  const before = page.painted;
  for (let i = 0; i < 100; i++) ada.show({ k: 'laser', at: [i / 100, 0] });
  assert.deepEqual([page.painted - before, page.frames.length], [0, 1]);
  page.frames.splice(0).forEach((f) => f());
  assert.equal(page.painted - before, 1);
  assert.deepEqual(b.view.sharing.marks.get('ada')!.laser, [0.99, 0]);
  ada.unwatch();
});
