// The agent's open sessions, live.

import { signal } from '@preact/signals';
import { browser, Connection, type Status } from '../lib/connection';
import { get, type Refused } from './api';
import type { Frame, Overview } from '../lib/protocol';
import { type Asks, asksAfter } from './waiting';

const ASK_EVERY = 2000; // milliseconds

/** The open sessions, the newest first; undefined until the server told. */
export const sessions = signal<readonly Overview[] | undefined>(undefined);

/** How end-users rated sessions since this page opened: a session's own stream ends before that. */
export const ratings = signal<ReadonlyMap<string, Overview['rating']>>(new Map());

/** Sessions, ended ones too, for which somebody asks for a new link. */
export const asks = signal<Asks>(new Map());

/** How the list is connected. */
export const listStatus = signal<Status>('connecting');

/** Keeps both up to date from now on. */
export function startList(): void {
  let asking = false;
  const connection = new Connection({ base: '/api', onFrame: take, onStatus: become }, browser());

  function become(status: Status): void {
    listStatus.value = status;
    if (status === 'offline' && !asking) void askWhy();
  }

  /** A browser doesn't say why it gets no stream; the server does, once it can be reached. */
  async function askWhy(): Promise<void> {
    asking = true;
    while (listStatus.peek() === 'offline') {
      if (await signedOut()) {
        connection.stop();
        listStatus.value = 'signed-out';
      }
      await new Promise((again) => setTimeout(again, ASK_EVERY));
    }
    asking = false;
  }
}

async function signedOut(): Promise<boolean> {
  return get('/api/me').then(() => false, (e: Refused) => e.code === 'unauthenticated');
}

function take(frame: Frame): void {
  if (frame.type === 'list') {
    frame.sessions.forEach(hear);
    sessions.value = sorted(frame.sessions);
  } else if (frame.type === 'overview') change(frame.session);
}

/** Notes whether somebody asks for a new link; before the list takes the session. */
export function hear(s: Overview): void {
  asks.value = asksAfter(asks.peek(), asks.peek().get(s.id) ?? sessions.peek()?.find((o) => o.id === s.id), s);
}

function change(s: Overview): void {
  hear(s);
  sessions.value = replaced(sessions.value ?? [], s);
  if (s.rating && ratings.peek().get(s.id) !== s.rating) ratings.value = new Map([...ratings.peek(), [s.id, s.rating]]);
}

/** Returns the list with one session as it is now; one that ended leaves it. */
export function replaced(list: readonly Overview[], s: Overview): Overview[] {
  const others = list.filter((o) => o.id !== s.id);
  return s.state === 'ended' ? others : sorted([...others, s]);
}

function sorted(list: Overview[]): Overview[] {
  return list.toSorted((a, b) => b.created.localeCompare(a.created));
}
