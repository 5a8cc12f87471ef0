// The gallery: every state of every screen of the Console on one page, from
// seeded data and without a server, to be looked at and tested.
// gallery?state=NAME shows one alone.

import { render, type ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Frame as Wire } from '../lib/protocol';
import { Frame, overlay } from './frame';
import { me, openSessions, pastSessions, picture, problem, type Script, seededRoom, type Extras } from './galleryseed';
import { HistoryScreen } from './history';
import { listStatus, sessions } from './live';
import { followTheme, theme, type Theme } from './prefs';
import { readBoot } from './boot';
import { speak } from './say';
import { copied } from './session/actions';
import type { Room } from './session/room';
import { Nothing, RoomScreen } from './session/screen';
import { armed } from './sound';
import { startTicker } from './ticker';
import { SupportScreen } from './support';
import { complain, Notices } from './ui/notice';

type State = () => ComponentChildren;

/** A session's screen; after is done to it once it is drawn. */
function session(script: Script, extras: Extras = {}, after?: (room: Room) => void): State {
  return () => {
    const room = seededRoom(script, extras);
    return <Then act={() => after?.(room)}><RoomScreen room={room} /></Then>;
  };
}

function Then({ act, children }: { act(): void; children: ComponentChildren }) {
  useEffect(() => void setTimeout(act, 50), []);
  return <>{children}</>;
}

const press = (selector: string) => document.querySelector<HTMLElement>(selector)?.click();

function type(selector: string, text: string): void {
  const field = document.querySelector<HTMLInputElement>(selector)!;
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

const pending = [
  { id: 'p1', text: 'I wrote this while the network was gone.', at: Date.now() - 50_000 },
  { id: 'p2', text: 'This one the server refused.', at: Date.now() - 40_000, failed: 'too-many' },
];

function support(prepare: () => void = () => undefined): State {
  return () => {
    sessions.value = openSessions;
    prepare();
    return <SupportScreen />;
  };
}

const states: Record<string, State> = {
  'support': support(),
  'support-empty': support(() => (sessions.value = [])),
  'support-loading': support(() => (sessions.value = undefined)),
  'support-offline': support(() => (listStatus.value = 'offline')),
  'support-signed-out': support(() => (listStatus.value = 'signed-out')),
  'support-sound-blocked': support(() => (armed.value = false)),
  'menu': () => <Then act={() => press('.agent')}><SupportScreen /></Then>,
  'palette': () => <Then act={() => (overlay.value = 'palette')}><SupportScreen /></Then>,
  'shortcuts': () => <Then act={() => (overlay.value = 'shortcuts')}><SupportScreen /></Then>,
  'waiting': session('waiting'),
  'waiting-knock': session('knocking'),
  'waiting-copied': session('waiting', {}, () => (copied.value = 'done')),
  'waiting-refused': session('waiting', {}, () => (copied.value = 'refused')),
  'expired': session('expired'),
  'revoked': session('revoked'),
  'sms': session('waiting', {}, (room) => (room.dialog.value = 'sms')),
  'sms-typed': session('waiting', {}, smsTyped),
  'sms-done': session('waiting', {}, (room) => smsTyped(room).then(() => later(() => press('.sms .main'), 700))),
  'active': session('active', { typing: true }),
  'active-away': session('active', { presence: 'away' }),
  'active-gone': session('active', { presence: 'gone' }),
  'active-offline': session('active', { status: 'offline', pending }),
  'active-note': session('active', {}, (room) => (room.writing.value = { as: 'note' })),
  'active-edit': session('active', {}, (room) => (room.writing.value = { as: 'edit', seq: 23 })),
  'active-older': session('active', {}, () => press('.msg-foot .inline')),
  'active-menu': session('active', {}, () => [...document.querySelectorAll<HTMLElement>('.own .msg-menu button')].at(-1)?.click()),
  'active-emoji': session('active', {}, () => press('.composer-tools button')),
  'active-long-text': session('active', {}, () => type('#message', `Dear all,\n${'words '.repeat(800)}`)),
  'active-error': session('active', {}, () => complain(problem)),
  'long': session('long', { presence: 'away' }),
  'long-scrolled': session('long', {}, () => (document.querySelector('.log')!.scrollTop = 0)),
  'link': session('active', {}, (room) => (room.dialog.value = 'link')),
  'end': session('active', {}, (room) => (room.dialog.value = 'end')),
  'ended': session('ended'),
  'history': () => <HistoryScreen />,
  'history-search': () => <Then act={() => type('[type=search]', 'cable')}><HistoryScreen /></Then>,
  'history-none': () => <Then act={() => type('[type=search]', 'nothing')}><HistoryScreen /></Then>,
  'nothing': () => <Nothing text="There is no such session." />,
};

async function smsTyped(room: Room): Promise<void> {
  room.dialog.value = 'sms';
  await later(() => type('#sms-number', '0151 23456789'), 200);
}

function later(act: () => void, ms: number): Promise<void> {
  return new Promise((done) => setTimeout(() => (act(), done()), ms));
}

/** Answers what screens ask the server for. */
const answers: [part: string, answer: unknown][] = [
  ['/sms', { typed: '0151 23456789', e164: '+4915123456789', valid: true, href: 'sms:+4915123456789?body=Hello', qr: picture }],
  ['/api/countries', { default: 'DE', countries: [{ code: 'AT', calling: 43 }, { code: 'CH', calling: 41 }, { code: 'DE', calling: 49 }, { code: 'GB', calling: 44 }] }],
  ['q=nothing', { sessions: [] }],
  ['/api/history', { sessions: pastSessions }],
];

globalThis.fetch = (path) => Promise.resolve(Response.json(answers.find(([part]) => String(path).includes(part))?.[1] ?? {}));

function Gallery() {
  return (
    <main class="page">
      <h1>Gallery</h1>
      <ul class="rows">{Object.keys(states).map((name) => <li key={name}><a class="session-row" href={`?state=${name}`}>{name}</a></li>)}</ul>
    </main>
  );
}

const boot = { ...readBoot(), agent: { id: me, name: 'Ada Lovelace', email: 'ada@example.org', role: 'administrator' as const } };
const asked = new URLSearchParams(location.search);
speak(boot.texts, boot.lang);
followTheme();
theme.value = (asked.get('theme') as Theme | null) ?? 'system';
startTicker();
armed.value = true;
sessions.value = openSessions satisfies Extract<Wire, { type: 'list' }>['sessions'];
listStatus.value = 'online';
const state = states[asked.get('state') ?? ''];
render(<><Frame boot={boot} />{state ? state() : <Gallery />}<Notices /></>, document.getElementById('app')!);
