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

/** What happened last that an agent must not miss. */
export type News = 'knock' | 'message' | 'arrival';

/** Says what is new in a session since before, the most urgent first. */
export function newsOf(before: Overview | undefined, s: Overview): News | undefined {
  if (s.knocking > (before?.knocking ?? 0)) return 'knock';
  if (s.unanswered > (before?.unanswered ?? 0)) return 'message';
  if (s.state === 'active' && before?.state !== 'active') return 'arrival';
  return undefined;
}
