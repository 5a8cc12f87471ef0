// What waits for the agent, and whether they have looked at it.

import type { Overview } from '../lib/protocol';

/** Until when each session was looked at, in the server's time (RFC 3339). */
export type Seen = ReadonlyMap<string, string>;

/**
 * How many things of a session the agent has not looked at: people at the
 * door, messages without an answer, and that the end-user arrived. The time
 * of what was seen is that of the session's last event then.
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

/** Says what kind of thing waits most urgently, as the end of a text's key. */
export function urgent(s: Overview, seen: Seen): 'knock' | 'message' | 'arrival' {
  if (s.knocking) return 'knock';
  if (s.unanswered) return 'message';
  return unseen(s, seen) ? 'arrival' : 'message';
}
