// The agent's open sessions, live.

import { signal } from '@preact/signals';
import { browser, Connection, type Status } from '../lib/connection';
import type { Frame, Overview } from '../lib/protocol';

/** The open sessions, the newest first; undefined until the server told. */
export const sessions = signal<readonly Overview[] | undefined>(undefined);

/** How the list is connected. */
export const listStatus = signal<Status>('connecting');

/** Keeps both up to date from now on. */
export function startList(): void {
  new Connection({ base: '/api', onFrame: take, onStatus: (s) => (listStatus.value = s) }, browser());
}

function take(frame: Frame): void {
  if (frame.type === 'list') sessions.value = sorted(frame.sessions);
  else if (frame.type === 'overview') sessions.value = replaced(sessions.value ?? [], frame.session);
}

/** Returns the list with one session as it is now; one that ended leaves it. */
export function replaced(list: readonly Overview[], s: Overview): Overview[] {
  const others = list.filter((o) => o.id !== s.id);
  return s.state === 'ended' ? others : sorted([...others, s]);
}

function sorted(list: Overview[]): Overview[] {
  return list.toSorted((a, b) => b.created.localeCompare(a.created));
}
