// How an agent who looks elsewhere learns that somebody waits: the page's
// title, its icon, a sound and a desktop notification. All four stop when the
// agent looks.

import { computed, effect, signal } from '@preact/signals';
import type { Overview } from '../lib/protocol';
import { sessions } from './live';
import { notifications, read, sound, write } from './prefs';
import { note, onRing, rings, startRings, unheard } from './rings';
import { go, route } from './router';
import { t } from './say';
import { ring } from './sound';
import { announce } from './ui/notice';
import { nameOf } from './ui/parts';
import { type Look, lookAt, type News, newsOf, type Seen, unseenOf } from './waiting';

const RING_EVERY = 30_000; // milliseconds
const RANG = 'deskside-rang'; // when any tab rang last
const SEEN = 'deskside-seen'; // what any tab has shown
const REMEMBERED = 200; // sessions

/** Whether the agent looks at this tab. */
export const looking = signal(false);

/** How the agent saw each session last, in any tab. */
export const seen = signal<Seen>(new Map());

/** The sessions that the title counts: in the tab of one session, that one. */
const counted = computed(() => {
  const r = route.value;
  const all = sessions.value ?? [];
  return r.screen === 'session' ? all.filter((s) => s.id === r.id) : all;
});

/** The sessions that are on the screen. */
const inView = computed(() => (route.value.screen === 'support' || route.value.screen === 'session' ? counted.value : []));

/** The name of the screen, without what attention adds. */
export const title = signal('');

/** Begins to watch for agent, by its id. */
export function startAttention(agent: string): void {
  takeSeen(read(SEEN));
  startRings(agent);
  const look = () => (looking.value = document.hasFocus() && !document.hidden);
  for (const event of ['focus', 'blur', 'pageshow']) addEventListener(event, look);
  document.addEventListener('visibilitychange', look);
  addEventListener('storage', (e) => e.key === SEEN && takeSeen(e.newValue));
  look();
  effect(() => void (looking.value && see(inView.value)));
  effect(() => void (looking.value && note(rings.value, false))); // they stand on every screen
  effect(() => mark(looking.value ? 0 : unseenOf(counted.value, seen.value) + unheard.value));
  effect(keepRinging);
  effect(notify);
  onRing((s) => tell(s, 'ring'));
}

function takeSeen(kept: string | null): void {
  try {
    seen.value = new Map(JSON.parse(kept ?? '[]') as [string, Look][]);
  } catch {
    seen.value = new Map(); // somebody else wrote there
  }
}

/** Remembers that the agent looks at sessions. */
function see(list: readonly Overview[]): void {
  const known = seen.peek();
  const news = list.filter((s) => s.lastAt > (known.get(s.id)?.at ?? ''));
  if (!news.length) return;
  const others = [...known].filter(([id]) => !news.some((s) => s.id === id));
  seen.value = new Map([...others, ...news.map((s) => [s.id, lookAt(s)] as const)].slice(-REMEMBERED));
  write(SEEN, JSON.stringify([...seen.value]));
}

/** Shows a number in the title and a dot in the icon. */
function mark(n: number): void {
  document.title = (n ? `(${n}) ` : '') + title.value;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon) icon.href = iconWith(n > 0);
}

/** The page's icon, which templates draw alike: a speech bubble, with a dot or without. */
export function iconWith(dot: boolean): string {
  const bubble = '<path fill="#0a6670" d="M3 1h10a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H8l-4 3v-3H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2z"/>';
  const sign = dot ? '<circle cx="12" cy="4" r="4" fill="#d92d20" stroke="#fff"/>' : '';
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${bubble}${sign}</svg>`)}`;
}

/** How many things wait that the agent has looked at in no tab. */
export const waits = computed(() => unseenOf(sessions.value ?? [], seen.value) + unheard.value);

const loud = computed(() => waits.value > 0 && sound.value === 'on');

/** Rings while somebody waits; of several tabs, one. */
function keepRinging(): (() => void) | void {
  if (!loud.value) return;
  const due = () => {
    if (Date.now() - Number(read(RANG)) < RING_EVERY - 1000) return;
    write(RANG, String(Date.now()));
    void ring();
  };
  due();
  const timer = setInterval(due, RING_EVERY);
  return () => {
    clearInterval(timer);
    write(RANG, ''); // who comes next is heard at once
  };
}

let told: readonly Overview[] | undefined;

/** Tells of what is new: to a screen reader, and by a notification to who looks elsewhere. */
function notify(): void {
  const before = told;
  told = sessions.value;
  if (!before || !told) return; // what was there when the page opened is no news
  for (const s of told) {
    const news = newsOf(before.find((b) => b.id === s.id), s);
    if (news) tell(s, news);
  }
}

function tell(s: Overview, news: News | 'ring'): void {
  const text = t(`attention.${news}`, { name: nameOf(s) });
  if (!looking.peek()) show(s, text);
  else if (news === 'ring' || !onScreen(s.id)) announce(text); // its own screen reads out what is said
}

function onScreen(id: string): boolean {
  const r = route.peek();
  return r.screen === 'session' && r.id === id;
}

function show(s: Overview, text: string): void {
  if (notifications.peek() === 'off' || !('Notification' in globalThis) || Notification.permission !== 'granted') return;
  const n = new Notification(text, { tag: s.id, icon: iconWith(true) });
  n.onclick = () => {
    focus();
    go(`/${s.state === 'ended' ? 'history' : 'support'}/${s.id}`);
    n.close();
  };
}

/** Asks the browser to allow notifications; only a press may lead here. */
export async function switchNotifications(on: boolean): Promise<void> {
  if (on && 'Notification' in globalThis && Notification.permission === 'default') await Notification.requestPermission();
  notifications.value = on && 'Notification' in globalThis && Notification.permission === 'granted' ? 'on' : 'off';
}
