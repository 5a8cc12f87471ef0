import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overview } from '../lib/protocol';
import { replaced } from './live';
import { asksAfter, doubted, lookAt, newsOf, ringing, unseen, unseenOf } from './waiting';

const session: Overview = {
  id: 's', state: 'active', title: '', agent: 'a', agentName: 'Ada', created: '2026-11-23T14:00:00.000Z', expires: '2026-11-23T15:00:00.000Z',
  started: '2026-11-23T14:05:00.000Z', lastText: '', lastAt: '2026-11-23T14:05:00.000Z', unanswered: 0, knocking: 0, endUser: 'here', rating: '',
  note: '', outcome: '', tags: [],
};
const seenAs = (s: Overview) => new Map([[s.id, lookAt(s)]]);

test('an arrival waits until somebody looks', () => {
  assert.equal(unseen(session, new Map()), 1);
  assert.equal(unseen(session, seenAs(session)), 0);
});

test('messages and knocks since the last look wait', () => {
  const later = { ...session, unanswered: 2, knocking: 1, lastAt: '2026-11-23T14:06:00.000Z' };
  assert.equal(unseen(later, new Map()), 4);
  assert.equal(unseen(later, seenAs(session)), 3);
  assert.equal(unseen({ ...later, unanswered: 3, lastAt: '2026-11-23T14:07:00.000Z' }, seenAs(later)), 1);
});

test('what was seen and then only went on does not wait again', () => {
  const later = { ...session, unanswered: 2 };
  assert.equal(unseen({ ...later, lastAt: '2026-11-23T14:08:00.000Z' }, seenAs(later)), 0);
});

test('after an answer from elsewhere, what comes next is all new', () => {
  const before = { ...session, unanswered: 5 };
  assert.equal(unseen({ ...session, unanswered: 1, lastAt: '2026-11-23T14:09:00.000Z' }, seenAs(before)), 1);
});

test('sessions add up', () => {
  assert.equal(unseenOf([session, { ...session, id: 't' }], seenAs(session)), 1);
});

test('news are told by urgency, and only when there is more', () => {
  const waiting: Overview = { ...session, state: 'waiting', started: undefined };
  assert.equal(newsOf(waiting, { ...waiting, knocking: 1, unanswered: 1 }), 'knock');
  assert.equal(newsOf(session, { ...session, unanswered: 1 }), 'message');
  assert.equal(newsOf(waiting, session), 'arrival');
  assert.equal(newsOf(undefined, waiting), undefined);
  assert.equal(newsOf({ ...session, unanswered: 1 }, session), undefined);
});

test('the list keeps the newest session first, and lets go of one that ended', () => {
  const newer = { ...session, id: 'n', created: '2026-11-23T14:01:00.000Z' };
  assert.deepEqual(replaced([session], newer).map((s) => s.id), ['n', 's']);
  assert.deepEqual(replaced([newer, session], { ...session, title: 'x' }).map((s) => s.title), ['', 'x']);
  assert.deepEqual(replaced([newer, session], { ...newer, state: 'ended' }).map((s) => s.id), ['s']);
});

const asked = (s: Partial<Overview>): Overview => ({ ...session, state: 'expired', started: undefined, asked: '2026-11-23T15:10:00.000Z', lastAt: '2026-11-23T15:10:00.000Z', ...s });
const none = new Map<string, Overview>();
const ids = (asks: ReadonlyMap<string, Overview>) => [...asks.keys()];

test('a request for a new link is news when the page knew none, or an older one', () => {
  const before = asked({ asked: undefined });
  assert.deepEqual(ids(asksAfter(none, before, asked({}))), ['s']);
  assert.deepEqual(ids(asksAfter(none, asked({}), asked({ asked: '2026-11-23T15:11:00.000Z' }))), ['s']);
  assert.deepEqual(ids(asksAfter(none, asked({}), asked({ lastText: 'x' }))), []);
  assert.deepEqual(ids(asksAfter(none, undefined, session)), []);
});

test('of what was asked before the page opened, only sessions without a key that works count', () => {
  const long = { lastAt: '2026-11-23T16:00:00.000Z' };
  assert.deepEqual(ids(asksAfter(none, undefined, asked(long))), ['s']);
  assert.deepEqual(ids(asksAfter(none, undefined, asked({ ...long, state: 'revoked' }))), ['s']);
  for (const state of ['waiting', 'active', 'ended'] as const) assert.deepEqual(ids(asksAfter(none, undefined, asked({ ...long, state }))), [], state);
});

test('a request for an ended session that the page did not know is news while it is the last that happened', () => {
  assert.deepEqual(ids(asksAfter(none, undefined, asked({ state: 'ended' }))), ['s']);
});

test('a request is answered when the key works again or somebody came, and not by the end', () => {
  const open = asksAfter(none, undefined, asked({}));
  for (const state of ['waiting', 'active'] as const) assert.deepEqual(ids(asksAfter(open, open.get('s'), asked({ state }))), [], state);
  const ended = asksAfter(open, open.get('s'), asked({ state: 'ended' }));
  assert.equal(ended.get('s')?.state, 'ended');
});

test('a ring is for the agent who made the session, until it is handled; the next one rings again', () => {
  const mine = asked({});
  const later = asked({ id: 't', asked: '2026-11-23T15:12:00.000Z' });
  const names = (handled: [string, boolean][], list = [mine, later]) => ringing(list, new Map(handled.map(([at, done]) => ['s', { asked: at, done }])), 'a').map((s) => s.id);
  assert.deepEqual(names([]), ['t', 's']);
  assert.deepEqual(names([], [{ ...mine, agent: 'b' }]), []);
  assert.deepEqual(names([[mine.asked!, false]]), ['t', 's']);
  assert.deepEqual(names([[mine.asked!, true]]), ['t']);
  assert.deepEqual(names([['2026-11-23T15:09:00.000Z', true]]), ['t', 's']);
});

test('a doubt is news once, and stands while the person may still come', () => {
  const waiting: Overview = { ...session, state: 'waiting', started: undefined };
  const now = { ...waiting, doubted: '2026-11-23T14:03:00.000Z' };
  assert.equal(newsOf(waiting, now), 'doubt');
  assert.equal(newsOf(now, now), undefined);
  assert.ok(doubted(now));
  assert.ok(!doubted({ ...now, state: 'active', started: now.doubted }));
  assert.ok(!doubted({ ...now, state: 'ended' }));
  assert.ok(!doubted(waiting));
});
