// Who asks for a new link: people with a dead link or key ring at the agent
// who made it. A ring stays until it is handled, in whichever tab.

import { computed, effect, signal } from '@preact/signals';
import type { Overview } from '../lib/protocol';
import { get } from './api';
import { asks, listStatus } from './live';
import { read, write } from './prefs';
import { type Handled, ringing } from './waiting';

const KEPT = 'deskside-rings'; // what any tab has handled or shown
const REMEMBERED = 200; // sessions
const RECENT = 24 * 3600_000; // milliseconds that a request from before this page is still worth a look

const handled = signal<Handled>(new Map());
/** The agent's id. */
export const me = signal('');

/** The agent's own sessions that somebody asks for, the newest request first. */
export const rings = computed(() => ringing([...asks.value.values()], handled.value, me.value));

/** How many of them the agent has looked at in no tab. */
export const unheard = computed(() => rings.value.filter((s) => !heard(handled.value, s)).length);

function heard(among: Handled, s: Overview): boolean {
  return among.get(s.id)?.asked === s.asked;
}

export function startRings(agent: string): void {
  me.value = agent;
  take(read(KEPT));
  addEventListener('storage', (e) => e.key === KEPT && take(e.newValue));
  effect(() => void (listStatus.value === 'online' && fetchMissed()));
}

/** Gets the requests for ended sessions that came while this page was not connected. */
async function fetchMissed(): Promise<void> {
  const since = new Date(Date.now() - RECENT).toISOString();
  const { sessions } = await get<{ sessions: Overview[] }>('/api/history').catch(() => ({ sessions: [] })); // the list says when the server is gone
  const missed = sessions.filter((s) => s.asked && s.asked > since && !asks.peek().has(s.id));
  if (missed.length) asks.value = new Map([...asks.peek(), ...missed.map((s) => [s.id, s] as const)]);
}

function take(kept: string | null): void {
  try {
    handled.value = new Map(JSON.parse(kept ?? '[]') as [string, { asked: string; done: boolean }][]);
  } catch {
    handled.value = new Map(); // somebody else wrote there
  }
}

/** Remembers that the agent has seen these requests, or has done something about them. */
export function note(list: readonly Overview[], done: boolean): void {
  const before = handled.peek();
  const news = list.filter((s) => before.get(s.id)?.asked !== s.asked || (done && !before.get(s.id)?.done));
  if (!news.length) return;
  const others = [...before].filter(([id]) => !news.some((s) => s.id === id));
  handled.value = new Map([...others, ...news.map((s) => [s.id, { asked: s.asked!, done }] as const)].slice(-REMEMBERED));
  write(KEPT, JSON.stringify([...handled.value]));
}

/** Calls tell with each request that comes from now on. */
export function onRing(tell: (s: Overview) => void): void {
  let before: readonly Overview[] | undefined;
  effect(() => {
    const now = rings.value;
    const known = before;
    before = now;
    for (const s of now) if (known && !known.some((o) => o.id === s.id && o.asked === s.asked)) tell(s);
  });
}
