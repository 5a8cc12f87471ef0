import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overview } from '../lib/protocol';
import { replaced } from './live';
import { lookAt, newsOf, unseen, unseenOf } from './waiting';

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
