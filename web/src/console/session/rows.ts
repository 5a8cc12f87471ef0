// The conversation as rows on the screen: what was said and what happened, in
// words and from the agent's side, with the days between.

import type { Attachment, Item, Line, Message } from '../../lib/conversation';
import type { Pending } from '../../lib/outbox';
import { dayName } from '../format';
import { t } from '../say';
import type { Room } from './room';

const SAME_BREATH = 5 * 60_000; // milliseconds within which messages of one person stand together
const CHANGEABLE = 15 * 60_000; // milliseconds that a writer may change a message; the server decides

export type Mark = 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | '';

/** Something said. */
export interface Said {
  kind: 'message' | 'link' | 'note' | 'file';
  key: string;
  /** The event's number; 0 until the server has stored it. */
  seq: number;
  at: number;
  own: boolean;
  name: string;
  text: string;
  edits: { text: string; at: string }[];
  withdrawn: boolean;
  reactions: { emoji: string; names: string[]; mine: boolean }[];
  mark: Mark;
  /** Why it was not sent, as a code. */
  failed: string;
  /** It follows another one of the same person. */
  joined: boolean;
  file?: Attachment;
}

/** Something that happened, told by nobody. */
export interface Happened {
  kind: 'line';
  key: string;
  seq: number;
  at: number;
  text: string;
  /** Whether it calls for the agent: somebody came, knocks, doubts, asks for a new key. */
  loud: boolean;
}

export type Row = Said | Happened | { kind: 'day' | 'new'; key: string; text: string };

/** How many lines there are. */
export function count(room: Room): number {
  return room.conversation.items.length + room.talk.pending.length;
}

/** Makes the rows of a part of the conversation. The divider stands before what comes after dividerAfter; -1 for none. */
export function rows(room: Room, from: number, upto: number, dividerAfter: number): Row[] {
  const all: Row[] = [];
  let before: Said | Happened | undefined;
  let divided = false;
  for (const line of lines(room, from, upto)) {
    const day = new Date(line.at).toDateString();
    const newDay = !before || new Date(before.at).toDateString() !== day;
    if (newDay) all.push({ kind: 'day', key: `day ${day}`, text: dayName(new Date(line.at)) });
    if (!divided && dividerAfter >= 0 && line.seq > dividerAfter && line.kind !== 'line' && !line.own) {
      divided = true;
      all.push({ kind: 'new', key: 'new', text: t('new.divider') });
    } else if (line.kind !== 'line') {
      line.joined = !newDay && together(before, line);
    }
    all.push(line);
    before = line;
  }
  return all;
}

function lines(room: Room, from: number, upto: number): (Said | Happened)[] {
  const { items } = room.conversation;
  const unsent = room.talk.pending.slice(Math.max(0, from - items.length), Math.max(0, upto - items.length));
  return [...items.slice(from, upto).map((i) => line(room, i)), ...unsent.map((p) => pending(room, p))];
}

function together(before: Said | Happened | undefined, line: Said): boolean {
  return !!before && before.kind !== 'line' && before.name === line.name && before.own === line.own
    && (before.kind === 'note') === (line.kind === 'note') && line.at - before.at < SAME_BREATH;
}

/** Says something that happened in words. */
export function tell(room: Room, i: Line): string {
  const text = t(i.key, { ...i.params, name: room.nameOf(i.who), agent: i.params['agent'] ? room.nameOf(i.params['agent']) : '' });
  return i.params['detail'] ? `${text} ${t('invitation.detail', { detail: i.params['detail'] })}` : text;
}

const loud = new Set(['line.arrived.end-user', 'line.knocked', 'line.ended.end-user', 'line.doubted', 'line.key-asked', 'line.view-granted', 'line.view-declined', 'line.reported', 'line.control-granted', 'line.control-declined', 'line.control-stopped']);

export function line(room: Room, i: Item): Said | Happened {
  const at = Date.parse(i.at);
  if (i.kind === 'line') return { kind: 'line', key: String(i.seq), seq: i.seq, at, text: tell(room, i), loud: loud.has(i.key) };
  const own = i.by === room.talk.you;
  return {
    kind: i.kind, key: own && i.id ? i.id : String(i.seq), seq: i.seq, at, own, name: room.nameOf(i.by), text: i.text, edits: i.edits,
    withdrawn: i.withdrawn, reactions: reactions(room, i), mark: own && i.kind !== 'note' ? room.talk.reached(i.seq) : '', failed: '', joined: false, file: i.file && { ...i.file },
  };
}

function reactions(room: Room, m: Message): Said['reactions'] {
  const by = new Map<string, string[]>();
  for (const [who, emoji] of m.reactions) by.set(emoji, [...(by.get(emoji) ?? []), who]);
  return [...by].map(([emoji, who]) => ({ emoji, names: who.map((id) => room.nameOf(id)), mine: who.includes(room.talk.you) }));
}

function pending(room: Room, p: Pending): Said {
  return {
    kind: 'message', key: p.id, seq: 0, at: p.at, own: true, name: room.nameOf(room.talk.you), text: p.text, edits: [], withdrawn: false,
    reactions: [], mark: p.failed ? 'failed' : 'sending', failed: p.failed ?? '', joined: false,
  };
}

/** Says whether the agent may still edit or withdraw it. */
export function changeable(s: Said, now = Date.now()): boolean {
  return s.own && s.seq > 0 && s.kind !== 'note' && s.kind !== 'file' && !s.withdrawn && now - s.at < CHANGEABLE;
}
