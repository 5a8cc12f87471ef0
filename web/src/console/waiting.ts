// What waits for the agent, and whether they have looked at it.

import type { Overview } from '../lib/protocol';

/** Until when each session was looked at, in the server's time (RFC 3339). */
export type Seen = ReadonlyMap<string, string>;

/**
 * How many things of a session the agent has not looked at: people at the
 * door, messages without an answer, and that the end-user arrived.
 */
export function unseen(s: Overview, seen: Seen): number {
  const upto = seen.get(s.id) ?? '';
  if (s.lastAt <= upto) return 0;
  const arrived = s.state === 'active' && !!s.started && s.started > upto;
  return s.knocking + s.unanswered + (arrived ? 1 : 0);
}

/** The same for all sessions together. */
export function unseenOf(list: readonly Overview[], seen: Seen): number {
  return list.reduce((sum, s) => sum + unseen(s, seen), 0);
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
