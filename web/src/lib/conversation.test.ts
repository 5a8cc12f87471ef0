import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Conversation, type Message } from './conversation';
import { log } from './fakes';
import type { SessionEvent } from './protocol';
import { foldControl } from '../control/state';
import { foldView } from '../view/state';

const golden = 'testdata/fold';

for (const name of readdirSync(golden)) {
  test(`${name} folds to what the server's fold makes of it`, () => {
    const { events, want } = JSON.parse(readFileSync(`${golden}/${name}`, 'utf8')) as { events: SessionEvent[]; want: object };
    assert.deepEqual(summary(fold(...events)), want);
  });
}

/** What the golden files compare. */
function summary(c: Conversation): object {
  const { note = '', outcome = '', tags = [] } = c.summary ?? {};
  return {
    number: c.number, state: c.state, title: c.title, controlWished: c.controlWished,
    expires: c.expires, started: c.started, ended: c.ended, endReason: c.endReason,
    participants: [...c.participants.values()].map(({ id, role, name = '', standing, via = '' }) => ({ id, role, name, standing, via })),
    rating: c.rating, note, outcome, tags,
    ...view(c),
    ...control(c),
    ...(c.files.size && { files: c.items.flatMap((i) => (i.kind === 'file' ? [file(i)] : [])) }),
  };
}

function file({ by, file }: Message): object {
  const { file: id, name, state, sha256 = '', width, preview = !!width, snapshot } = file!;
  return { id, by, name, state, sha256, picture: !!width, preview, ...(snapshot && { snapshot }) };
}

function view(c: Conversation): object {
  const { equipment, grants, ...v } = foldView(c.views, !!c.ended);
  const asks = v.asks.map(({ agent, of, sound, choosing }) => ({ agent, of, sound, choosing }));
  void [equipment, grants];
  return v.endUser || asks.length ? { view: { ...v, asks } } : {};
}

function control(c: Conversation): object {
  const { at, seq, offered, ...state } = foldControl(c.views, !!c.ended);
  void [at, seq, offered];
  return state.phase ? { control: state } : {};
}

function fold(...events: SessionEvent[]): Conversation {
  const c = new Conversation();
  c.apply(events);
  return c;
}

const opening = [
  { type: 'created', by: 'a1', data: { agent: 'a1', agentName: 'Ada', expires: '2026-11-23T15:00:00.000Z' } },
  { type: 'arrived', by: 'e1', data: { participant: 'e1', role: 'end-user', via: 'link' } },
] as const;

function message(c: Conversation, seq: number): Message {
  return c.message(seq)!;
}

test('messages, links and notes are said; what happened is a line', () => {
  const c = fold(...log(...opening,
    { type: 'message', by: 'e1', id: 'r3', data: { text: 'Hello' } },
    { type: 'link', by: 'a1', data: { url: 'https://example.org/' } },
    { type: 'note', by: 'a1', data: { text: 'prints again' } },
    { type: 'left', data: { participant: 'e1' } },
    { type: 'ended', by: 'a1', data: { reason: 'agent' } }));
  assert.deepEqual(c.items.map((i) => (i.kind === 'line' ? [i.key, i.who] : [i.kind, i.by, i.text])), [
    ['line.created', 'a1'], ['line.arrived.end-user', 'e1'],
    ['message', 'e1', 'Hello'], ['link', 'a1', 'https://example.org/'], ['note', 'a1', 'prints again'],
    ['line.left', 'e1'], ['line.ended.agent', 'a1'],
  ]);
  assert.equal(message(c, 3).id, 'r3');
});

test('an edit replaces the text and keeps the older ones', () => {
  const c = fold(...log(...opening,
    { type: 'message', by: 'e1', data: { text: 'one' } },
    { type: 'edited', by: 'e1', data: { message: 3, text: 'two' }, at: '2026-11-23T14:06:00.000Z' },
    { type: 'edited', by: 'e1', data: { message: 3, text: 'three' }, at: '2026-11-23T14:07:00.000Z' }));
  const { text, written, edits, at } = message(c, 3);
  assert.deepEqual({ text, written }, { text: 'three', written: '2026-11-23T14:07:00.000Z' });
  assert.deepEqual(edits, [{ text: 'one', at }, { text: 'two', at: '2026-11-23T14:06:00.000Z' }]);
  assert.equal(c.items.length, 3, 'an edit is no line of its own');
});

test('withdrawing hides the text and the older ones, whenever one came', () => {
  const live = fold(...log(...opening,
    { type: 'message', by: 'e1', data: { text: 'secret' } },
    { type: 'edited', by: 'e1', data: { message: 3, text: 'more secret' } },
    { type: 'withdrawn', by: 'e1', data: { message: 3 } }));
  const later = fold(...log(...opening,
    { type: 'message', by: 'e1', data: { text: '', withdrawn: true } },
    { type: 'edited', by: 'e1', data: { message: 3, text: '', withdrawn: true } },
    { type: 'withdrawn', by: 'e1', data: { message: 3 } }));
  for (const c of [live, later]) {
    const { text, edits, withdrawn } = message(c, 3);
    assert.deepEqual({ text, edits, withdrawn }, { text: '', edits: [], withdrawn: true });
  }
});

test('a pushed link can be withdrawn too, and then has no address', () => {
  const live = fold(...log(...opening,
    { type: 'link', by: 'a1', data: { url: 'https://example.org/' } },
    { type: 'withdrawn', by: 'a1', data: { message: 3 } }));
  const later = fold(...log(...opening,
    { type: 'link', by: 'a1', data: { url: '', withdrawn: true } },
    { type: 'withdrawn', by: 'a1', data: { message: 3 } }));
  for (const c of [live, later]) {
    const { kind, text, withdrawn } = message(c, 3);
    assert.deepEqual({ kind, text, withdrawn }, { kind: 'link', text: '', withdrawn: true });
  }
});

test('a reaction replaces the one before, and an empty one removes it', () => {
  const said = log(...opening,
    { type: 'message', by: 'a1', data: { text: 'done' } },
    { type: 'reacted', by: 'e1', data: { message: 3, emoji: '👍' } },
    { type: 'reacted', by: 'e1', data: { message: 3, emoji: '🎉' } },
    { type: 'reacted', by: 'a1', data: { message: 3, emoji: '👍' } },
    { type: 'reacted', by: 'a1', data: { message: 3, emoji: '' } });
  assert.deepEqual([...message(fold(...said), 3).reactions], [['e1', '🎉']]);
});

test('what concerns a message that the reader does not have changes nothing', () => {
  const c = fold(...log(...opening,
    { type: 'edited', by: 'e1', data: { message: 99, text: 'x' } },
    { type: 'withdrawn', by: 'e1', data: { message: 99 } },
    { type: 'reacted', by: 'e1', data: { message: 99, emoji: '👍' } }));
  assert.equal(c.items.length, 2);
  assert.equal(c.number, 5);
});

test('6,000 messages fold in a blink, at once or one by one, to the same', () => {
  const events = log(...opening, ...Array.from({ length: 6000 }, (_, i) => (
    { type: 'message', by: i % 2 ? 'a1' : 'e1', id: `r${i}`, data: { text: `message ${i}` } } as const)));
  const began = performance.now();
  const atOnce = fold(...events);
  const oneByOne = new Conversation();
  for (const e of events) oneByOne.apply([e]);
  const took = performance.now() - began;
  assert.equal(atOnce.items.length, 6002);
  assert.deepEqual(oneByOne.items, atOnce.items);
  assert.equal(message(atOnce, 6002).text, 'message 5999');
  assert.ok(took < 500, `${took} ms for both`);
});
