// The gallery: every state of every screen of the Console on one page, from
// seeded data and without a server, to be looked at and tested.
// gallery?state=NAME shows one alone.

import { render, type ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Frame as Wire, Overview } from '../lib/protocol';
import { Frame, overlay } from './frame';
import { checked, me, oneOf, openSessions, pastSessions, problem, refusal, rung, type Script, seededRoom, sample, sentOnes, texts, type Extras } from './galleryseed';
import { ConnectionScreen } from './connection';
import { HistoryScreen } from './history';
import { hear, listStatus, sessions } from './live';
import { followTheme, theme, type Theme } from './prefs';
import { readBoot } from './boot';
import { speak } from './say';
import { RingBar } from './ringbar';
import { me as agent } from './rings';
import { copied } from './session/actions';
import type { Room } from './session/room';
import { Nothing, RoomScreen } from './session/screen';
import { armed } from './sound';
import { startTicker } from './ticker';
import { SupportScreen } from './support';
import { TextsScreen } from './textsscreen';
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
  'files': session('files'),
  'files-end': session('files', {}, dialog('end')),
  'sms': session('waiting', {}, dialog('sms')),
  'sms-typed': session('waiting', {}, smsTyped),
  'sms-done': session('waiting', {}, (room) => smsTyped(room).then(() => later(() => press('.sms .main'), 700))),
  'sms-gateway': session('waiting', { sends: true }, dialog('sms')),
  'sms-gateway-typed': session('waiting', { sends: true }, smsTyped),
  'sms-gateway-long': session('waiting', { sends: true }, (room) => smsTyped(room, '0151 99')),
  'sms-gateway-refused': session('waiting', { sends: true }, (room) => smsTyped(room, '0151 13').then(() => later(() => press('.sms .main'), 700))),
  'sms-sent': sent('sms', oneOf('delivered', 'sms')),
  'sms-queued': sent('sms', []),
  'sms-uncertain': sent('sms', oneOf('uncertain', 'sms', 'no-answer')),
  'sms-refused': sent('sms', oneOf('refused', 'sms', 'gateway', '21211: Invalid “To” phone number')),
  'email': session('waiting', { sends: true }, dialog('email')),
  'email-typed': session('waiting', { sends: true }, emailTyped),
  'email-sent': sent('email', oneOf('sent', 'email')),
  'email-refused': sent('email', oneOf('refused', 'email', 'undelivered', '550 5.1.1 no such user')),
  'invitations': session('invited', { sends: true, invitations: sentOnes }),
  'invitations-one': session('invited', { sends: true, invitations: sentOnes.slice(-1) }),
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
  'view-asked': session('view-asked', { read: 99 }),
  'view-away': session('view-asked', { presence: 'away', read: 0 }),
  'view-choosing': session('view-choosing'),
  'view-again': session('view-again'),
  'view-phone': session('view-phone'),
  'viewing': session('viewing', { picture: 'live' }),
  'viewing-figures': session('viewing', { picture: 'live' }, (room) => (room.looking.figures.value = true)),
  'viewing-tools': session('viewing', { picture: 'live' }, (room) => (room.tools.value = true)),
  'viewing-actual': session('viewing', { picture: 'live' }, (room) => (room.looking.zoom.value = 1)),
  'viewing-connecting': session('viewing', { picture: 'connecting' }),
  'viewing-broken': session('viewing', { picture: 'broken' }),
  'viewing-elsewhere': session('viewing', { picture: 'elsewhere' }),
  'viewing-paused': session('view-paused', { picture: 'live' }),
  'viewing-end': session('viewing', { picture: 'live' }, dialog('end')),
  'control-asked': session('control-asked', { read: 99 }),
  'control-screen': session('control-screen'),
  'control-screen-firefox': session('control-screen-firefox'),
  'control-part': session('control-part', { picture: 'live' }),
  'control-download': session('control-download', { picture: 'live' }),
  'control-start': session('control-start', { picture: 'live' }),
  'control-start-mac': session('control-start-mac', { picture: 'live' }),
  'control-allow': session('control-allow', { picture: 'live' }),
  'controlling': session('controlling', { picture: 'live' }),
  'controlling-end': session('controlling', { picture: 'live' }, dialog('end')),
  'connection': () => <ConnectionScreen />,
  'ended': session('ended'),
  'doubted': session('doubted'),
  'ring-expired': ring('expired'),
  'ring-revoked': ring('revoked'),
  'ring-ended': ring('ended'),
  'ring-session': () => (ring('expired')(), session('active')()),
  'texts': () => <TextsScreen allowed />,
  'texts-changed': () => <Then act={() => void later(() => type('#text-sms', 'Hello! {agent} 🙂 {name}'), 200)}><TextsScreen allowed /></Then>,
  'texts-forbidden': () => <TextsScreen allowed={false} />,
  'history': () => <HistoryScreen />,
  'history-search': () => <Then act={() => type('[type=search]', 'cable')}><HistoryScreen /></Then>,
  'history-none': () => <Then act={() => type('[type=search]', 'nothing')}><HistoryScreen /></Then>,
  'nothing': () => <Nothing text="There is no such session." />,
};

function dialog(name: 'sms' | 'email' | 'end'): (room: Room) => void {
  return (room) => (room.dialog.value = name);
}

/** The Support page while somebody asks for a new link to a session of that state. */
function ring(state: Overview['state']): State {
  return support(() => rung(state).forEach(hear));
}

async function smsTyped(room: Room, number = '0151 23456789'): Promise<void> {
  dialog('sms')(room);
  await later(() => type('#sms-number', number), 200);
}

async function emailTyped(room: Room): Promise<void> {
  dialog('email')(room);
  await later(() => type('#email-address', 'carla@example.org'), 200);
}

/** The dialog once something was sent from it. */
function sent(via: 'sms' | 'email', invitations: Extras['invitations']): State {
  const typed = via === 'sms' ? smsTyped : emailTyped;
  return session('waiting', { sends: true, invitations }, (room) => typed(room).then(() => later(() => press(`.${via} .main`), 700)));
}

function later(act: () => void, ms: number): Promise<void> {
  return new Promise((done) => setTimeout(() => (act(), done()), ms));
}

const tried = { iceServers: [{ urls: ['stun:127.0.0.1:9', 'turn:127.0.0.1:9?transport=udp', 'turns:127.0.0.1:9?transport=tcp'], username: 'a', credential: 'b' }] };

type Answer = (body: Record<string, string>) => unknown;

/** Answers what screens ask the server for. */
const answers: [part: string, answer: Answer][] = [
  ['/api/relay', () => ({ one: tried, another: tried, secure: true, off: false })],
  ['/invitations/check', checked],
  ['/invitations', (b) => (b['to'] === '0151 13' ? refusal : { invitation: b['via'], seq: 9 })],
  ['/check', () => sample],
  ['/api/texts', () => texts],
  ['/api/countries', () => ({ default: 'DE', countries: [{ code: 'AT', calling: 43 }, { code: 'CH', calling: 41 }, { code: 'DE', calling: 49 }, { code: 'GB', calling: 44 }] })],
  ['q=nothing', () => ({ sessions: [] })],
  ['/api/history', () => ({ sessions: pastSessions })],
];

globalThis.fetch = (path, init) => {
  const answer = answers.find(([part]) => String(path).includes(part))?.[1](JSON.parse(String(init?.body ?? '{}')) as Record<string, string>) ?? {};
  return Promise.resolve(Response.json(answer, { status: answer === refusal ? refusal.status : 200 }));
};

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
agent.value = me;
render(<><Frame boot={boot} /><RingBar />{state ? state() : <Gallery />}<Notices /></>, document.getElementById('app')!);
