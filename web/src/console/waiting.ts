// What waits for the agent, and whether they have looked at it.

import type { Overview } from '../lib/protocol';

/** How a session was when the agent looked at it last. */
export interface Look {
  /** The server's time of its last event then (RFC 3339). */
  at: string;
  unanswered: number;
  knocking: number;
}

/** The looks by session. */
export type Seen = ReadonlyMap<string, Look>;

/**
 * How many things of a session the agent has not looked at: people at the
 * door, messages without an answer, and that the end-user arrived.
 */
export function unseen(s: Overview, seen: Seen): number {
  const look = seen.get(s.id) ?? { at: '', unanswered: 0, knocking: 0 };
  if (s.lastAt <= look.at) return 0;
  const arrived = s.state === 'active' && !!s.started && s.started > look.at;
  return more(s.knocking, look.knocking) + more(s.unanswered, look.unanswered) + (arrived ? 1 : 0);
}

/** What came on top; where there is less than before, all of it is new. */
function more(now: number, before: number): number {
  return now >= before ? now - before : now;
}

/** The same for all sessions together. */
export function unseenOf(list: readonly Overview[], seen: Seen): number {
  return list.reduce((sum, s) => sum + unseen(s, seen), 0);
}

/** Looks at a session as it is. */
export function lookAt(s: Overview): Look {
  return { at: s.lastAt, unanswered: s.unanswered, knocking: s.knocking };
}

/** What the agent did about requests for a new link, by session. */
export type Handled = ReadonlyMap<string, { asked: string; done: boolean }>;

/** Returns the agent's own sessions for which somebody asks for a new link, and nobody has seen to it; the newest request first. */
export function ringing(asked: readonly Overview[], handled: Handled, agent: string): Overview[] {
  const open = asked.filter((s) => s.asked && s.agent === agent && !(handled.get(s.id)?.done && handled.get(s.id)!.asked >= s.asked));
  return open.sort((a, b) => b.asked!.localeCompare(a.asked!));
}

/** Sessions for which somebody asks for a new link, by their ids. */
export type Asks = ReadonlyMap<string, Overview>;

const JUST = 5000; // milliseconds between a request and the session's last event, while the request is news

/**
 * Returns who asks once the page learns how a session is now. before is what
 * it knew. A request is answered when the key works again, or somebody came.
 */
export function asksAfter(asks: Asks, before: Overview | undefined, s: Overview): Asks {
  if (!s.asked) return asks;
  const fresh = before ? s.asked > (before.asked ?? '') : keyless(s) || Date.parse(s.lastAt) - Date.parse(s.asked) < JUST;
  if (fresh) return new Map([...asks, [s.id, s]]);
  const known = asks.get(s.id);
  if (!known) return asks;
  const others = [...asks].filter(([id]) => id !== s.id);
  const answered = s.state !== known.state && (s.state === 'waiting' || s.state === 'active');
  return new Map(answered ? others : [...others, [s.id, s]]);
}

/** Says whether the key could still start the session, but does not work now. */
export function keyless(s: Overview): boolean {
  return s.state === 'expired' || s.state === 'revoked';
}

/** Says whether somebody with the link doubts, and may still be waited for. */
export function doubted(s: Overview): boolean {
  return !!s.doubted && !s.started && s.state !== 'ended';
}

/** What happened last that an agent must not miss. */
export type News = 'knock' | 'doubt' | 'message' | 'arrival';

/** Says what is new in a session since before, the most urgent first. */
export function newsOf(before: Overview | undefined, s: Overview): News | undefined {
  if (s.knocking > (before?.knocking ?? 0)) return 'knock';
  if ((s.doubted ?? '') > (before?.doubted ?? '')) return 'doubt';
  if (s.unanswered > (before?.unanswered ?? 0)) return 'message';
  if (s.state === 'active' && before?.state !== 'active') return 'arrival';
  return undefined;
}
