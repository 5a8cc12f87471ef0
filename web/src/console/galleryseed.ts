// Seeded data for the gallery: sessions in every state, without a server.

import { AgentConversation } from '../lib/agentconversation';
import type { Pending } from '../lib/outbox';
import type { Ack, Bodies, EventType, Found, Marks as Read, Overview, Problem, SessionEvent } from '../lib/protocol';
import type { AllTexts, Invitation, KeyCard, LetterCheck, TextsCheck } from './api';
import type { Refusal, Transfer } from '../lib/uploads';
import { Files } from './session/files';
import { Room, type Talk } from './session/room';
import type { Figures } from '../view/figures';
import { Marks } from '../view/marks';
import { Looking, type Picture } from './view/looking';

export const me = 'AGENT';
const guest = 'GUEST';
const MINUTE = 60_000;

/** Some minutes ago, as the server writes it. */
export const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE).toISOString();

type Step = { [T in EventType]: [minutesAgo: number, by: string, type: T, data: Bodies[T]] }[EventType];

function events(steps: Step[]): SessionEvent[] {
  return steps.map(([minutes, by, type, data], i) => ({ seq: i + 1, at: ago(minutes), by, id: `request-${i + 1}`, type, data }) as SessionEvent);
}

const created = (minutes: number, left: number): Step => [minutes, me, 'created', { agent: me, agentName: 'Ada Lovelace', expires: ago(-left) }];
const arrived: Step = [24, guest, 'arrived', { participant: guest, role: 'end-user', via: 'link' }];
const says = (minutes: number, by: string, text: string): Step => [minutes, by, 'message', { text }];

const talk: Step[] = [
  created(31, 29),
  [30, me, 'invited', { via: 'link' }],
  [29, me, 'titled', { title: 'Printer of Ms Müller' }],
  arrived,
  says(24, guest, 'Hello? I was sent this link by your colleague.'),
  says(23, me, 'Hello! I am Ada. What can I help you with?'),
  says(22, guest, 'My printer says it is offline since this morning 🖨️\nI switched it off and on again, twice.'),
  says(22, guest, 'It is the one in the hallway.'),
  [21, guest, 'reacted', { message: 6, emoji: '👍' }],
  says(20, me, 'Let us look at that together. Is the small lamp on the front green or orange?'),
  [19, me, 'note', { text: 'Same model as in ticket 4711: the network cable was loose.' }],
  says(18, guest, 'Orange, and it blinks.'),
  [17, me, 'link', { url: 'https://help.example.org/printers/hallway?step=3' }],
  says(16, me, 'This page shows where the cable is. The short guide is at https://help.example.org/cable, and you can also write to mailto:help@example.org.'),
  [15, me, 'edited', { message: 14, text: 'This page shows where the cable is. The short guide is at https://help.example.org/cable (three steps).' }],
  [12, guest, 'left', { participant: guest }],
  [11, guest, 'returned', { participant: guest }],
  says(10, guest, 'مرحبا this is my aunt’s computer, sorry'),
  says(9, me, 'no worries'),
  [8, me, 'withdrawn', { message: 19 }],
  says(6, guest, 'Found it! The cable was out.'),
  [6, me, 'reacted', { message: 21, emoji: '🎉' }],
  says(5, me, 'Great. Push it in until it clicks, then wait for a minute.'),
  says(2, guest, 'The lamp is green now!'),
];

const long: Step[] = [created(900, 29), [880, guest, 'arrived', { participant: guest, role: 'end-user', via: 'key' }],
  ...Array.from({ length: 400 }, (_, i): Step => says(870 - i * 2, i % 3 ? guest : me, `Message ${i + 1}: ${'so it goes on '.repeat((i * 7) % 5 + 1).trim()}.`))];

const sha256 = '3f8a1c5e9b0d7246af13c08e5d92b74160fe8c2a9d5b31e7704c6fa2818d9e05';
const MB = 1_000_000;

const offers = (minutes: number, by: string, file: string, name: string, size: number, mediaType: string): Step => [minutes, by, 'file', { file, name, size, mediaType }];
const moved = (minutes: number, file: string, state: Bodies['file-moved']['state'], more: Partial<Bodies['file-moved']> = {}): Step => [minutes, '', 'file-moved', { file, state, ...more }];

const files: Step[] = [
  created(31, 29), arrived, says(24, guest, 'I send you what it looks like, and the log.'),
  offers(23, guest, 'f1', 'The lamp and the cable in the hallway, seen from below.jpg', 3.4 * MB, 'image/jpeg'),
  moved(22, 'f1', 'arrived', { sha256, width: 4032, height: 3024 }),
  offers(21, guest, 'f2', 'printer.log', 48_200, 'text/plain'), moved(20, 'f2', 'arrived', { sha256 }),
  offers(19, me, 'f3', 'driver-setup.exe', 18 * MB, 'application/x-msdownload'), moved(18, 'f3', 'refused', { why: 'threat', threat: 'Win.Test.EICAR_HDB-1' }),
  offers(16, me, 'f4', 'manual.pdf', 2.1 * MB, 'application/pdf'), [15, guest, 'file-moved', { file: 'f4', state: 'cancelled' }],
  offers(14, guest, 'f5', 'yesterday.zip', 700 * MB, 'application/zip'), moved(14, 'f5', 'expired'),
  offers(13, me, 'f6', 'old.txt', 120, 'text/plain'), moved(12, 'f6', 'removed'),
  offers(8, guest, 'f7', 'archive.7z', 12 * MB, 'application/x-7z-compressed'), moved(7, 'f7', 'checking'),
  offers(5, guest, 'f8', 'video.mp4', 812 * MB, 'video/mp4'),
  offers(4, me, 'f9', 'image.iso', 1600 * MB, 'application/octet-stream'),
  offers(3, me, 'f10', 'waits.bin', 90 * MB, 'application/octet-stream'),
  offers(2, me, 'f11', 'lost.bin', 400 * MB, 'application/octet-stream'),
];

const transfers: Record<string, Omit<Transfer, 'file'>> = {
  f8: { state: 'theirs', bytes: 120 * MB, rate: 4.2 * MB, left: 165 },
  f9: { state: 'running', bytes: 1200 * MB, rate: 11.3 * MB, left: 35 },
  f10: { state: 'waiting', bytes: 0, rate: 0, left: Infinity },
  f11: { state: 'missing', bytes: 0, rate: 0, left: Infinity },
};

/** Files that are as far as the script says, and some that were not sent. */
function seededFiles(script: Script): Files {
  const refusals: Refusal[] = [
    { key: 'r1', name: 'backup.tar', code: 'file-too-large', limit: 2 ** 31 }, { key: 'r2', name: 'Holiday pictures', code: 'folder' }, { key: 'r3', name: 'tool.exe', code: 'file-type' },
  ];
  return new Files(script, () => Promise.resolve({
    refusals, busy: false, transfer: (file) => (transfers[file] ? { file, ...transfers[file] } : undefined),
    send: () => Promise.resolve(), cancel: () => Promise.resolve(), again: () => true, refuse: nothing, dismiss: nothing, subscribe: () => nothing, close: nothing,
  }));
}

/** A session in which control is prepared, on a computer of this kind, as far as these steps say. */
const prepares = (system: string, browser: string, ...steps: Step[]): Step[] => [
  ...talk, [3, guest, 'equipped', { screen: true, camera: true, system, browser }], [2, me, 'control-asked', { of: guest }], [1.5, guest, 'control-preparing', { agent: me }], ...steps,
];
const shows = (surface: 'monitor' | 'window'): Step => [1.2, guest, 'view-granted', { agent: me, surface }];
const offered: Step = [1, guest, 'helper-offered', { offer: 'a', expires: ago(-9) }];
const paired: Step = [0.5, guest, 'helper-paired', { helper: 'a', system: 'windows' }];

const scripts = {
  waiting: [created(4, 56)],
  knocking: [created(14, 46), [13, me, 'invited', { via: 'sms' }], [1, guest, 'knocked', { participant: guest, via: 'key', check: '042' }]],
  invited: [created(9, 51), [8, me, 'invited', { via: 'sms', invitation: 'a', to: '+49…789' }], [8, '', 'invitation', { invitation: 'a', state: 'sent' }],
    [7, '', 'invitation', { invitation: 'a', state: 'delivered' }], [6, me, 'invited', { via: 'email', invitation: 'b', to: 'c…@example.org' }],
    [6, '', 'invitation', { invitation: 'b', state: 'refused', why: 'gateway', detail: '550 5.1.1 no such user' }],
    [5, me, 'invited', { via: 'sms', invitation: 'c', to: '+49…567' }], [4, '', 'invitation', { invitation: 'c', state: 'uncertain', why: 'no-answer' }]],
  doubted: [created(9, 51), [8, me, 'invited', { via: 'link' }], [1, '', 'doubted', {}]],
  expired: [created(75, -15), [15, '', 'key-expired', {}], [3, '', 'key-asked', {}]],
  revoked: [created(12, 48), [2, me, 'key-revoked', {}]],
  active: talk,
  files,
  long,
  viewing: [...talk, [1.5, me, 'view-asked', { of: guest, sound: true }], [1, guest, 'view-granted', { agent: me, surface: 'monitor', sound: true }]],
  'view-asked': [...talk, [0.2, me, 'view-asked', { of: guest }]],
  'view-choosing': [...talk, [0.4, me, 'view-asked', { of: guest }], [0.2, guest, 'view-choosing', { agent: me }]],
  'view-again': [...talk, [3, me, 'view-asked', { of: guest }], [2, guest, 'view-granted', { agent: me, surface: 'window' }], [0.3, guest, 'view-stopped', { why: 'reload' }]],
  'view-phone': [...talk, [1, guest, 'equipped', { screen: false, camera: true }]],
  'view-paused': [...talk, [1.5, me, 'view-asked', { of: guest }], [1, guest, 'view-granted', { agent: me, surface: 'window' }], [0.5, guest, 'view-paused', { on: true }]],
  'control-asked': [...talk, [0.3, me, 'control-asked', { of: guest }]],
  'control-screen': prepares('windows', 'edge'),
  'control-screen-firefox': prepares('linux', 'firefox'),
  'control-part': prepares('windows', 'chrome', shows('window')),
  'control-download': prepares('macos', 'safari', shows('monitor')),
  'control-start': prepares('windows', 'chrome', shows('monitor'), offered),
  'control-start-mac': prepares('macos', 'safari', shows('monitor'), offered),
  'control-allow': prepares('windows', 'edge', shows('monitor'), offered, paired),
  controlling: prepares('windows', 'edge', shows('monitor'), offered, paired, [0.4, guest, 'control-granted', { agent: me, clipboard: true }]),
  ended: [...talk, [1, me, 'ended', { reason: 'agent' }], [0.5, guest, 'rated', { rating: 'good' }]],
} satisfies Record<string, Step[]>;

export type Script = keyof typeof scripts;

/** What a state of the gallery changes about its session. */
export interface Extras {
  pending?: Pending[];
  status?: Talk['status'];
  typing?: boolean;
  presence?: 'here' | 'away' | 'gone';
  /** Whether the server has gateways. */
  sends?: boolean;
  invitations?: Invitation[];
  /** How far the picture is. */
  picture?: Picture['state'];
  /** The end-user's marks; by default they have read everything. */
  read?: number;
}

/** A session as a client would have it; what is asked of it is acknowledged. */
function seededTalk(script: Script, extras: Extras): Talk {
  const conversation = new AgentConversation();
  conversation.apply(events(scripts[script]));
  const readers = new Set<() => void>();
  return {
    conversation, status: extras.status ?? 'online', you: me, visits: 2, wrongKeys: 1, pending: extras.pending ?? [],
    presence: new Map([[guest, { presence: extras.presence ?? 'here', since: extras.presence === 'gone' ? Date.now() - 3 * MINUTE : undefined }]]),
    marks: new Map<string, Read>([[guest, { delivered: 23, read: extras.read ?? 22 }]]),
    typing: new Map(extras.typing ? [[guest, 1]] : []),
    progress: new Map(),
    subscribe: (f) => (readers.add(f), () => readers.delete(f)),
    request: (type, fields) => (type === 'title' && fields?.title === 'refuse' ? Promise.reject(problem) : Promise.resolve(ack)),
    close: nothing, signal: nothing, post: nothing, retry: nothing, discard: nothing, setTyping: nothing, read: nothing, away: nothing,
    reached: (seq) => (seq <= 22 ? 'read' : seq <= 23 ? 'delivered' : 'sent'),
  };
}

function nothing(): void {}

const ack: Ack = { id: '', seq: 1, at: ago(0) };
export const problem: Problem = { type: 'urn:deskside:unavailable', title: '', status: 503, code: 'unavailable', detail: '' };

export function seededRoom(script: Script, extras: Extras = {}): Room {
  const live = ['waiting', 'knocking', 'invited', 'doubted', 'expired'].includes(script);
  return new Room(script, seededTalk(script, extras), () => Promise.resolve(card(live, extras)), seededFiles(script), (talk) => new Looking(script, talk, extras.picture && seededPicture(extras.picture)));
}

/** A picture that stands in for a screen. */
function seededPicture(state: Picture['state']): Picture {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1920, height: 1080 });
  const c = canvas.getContext('2d')!;
  const draw = () => {
    c.fillStyle = '#2b5d7c';
    c.fillRect(0, 0, 1920, 1080);
    c.fillStyle = '#f4f6f8';
    c.fillRect(220, 140, 1100, 720);
    c.fillStyle = '#16212b';
    c.font = '48px sans-serif';
    c.fillText('Printers and scanners', 280, 240);
    c.fillText('Hallway: offline', 280, 340);
  };
  draw();
  setInterval(draw, 200);
  const marks = new Marks();
  marks.marks = [{ id: 'a', shape: 'box', points: [[0.13, 0.25], [0.38, 0.34]] }, { id: 'b', shape: 'number', points: [[0.5, 0.6], [0.39, 0.32]], n: 1 }];
  const figures: Figures = { width: 1920, height: 1080, framesPerSecond: 30, kilobitsPerSecond: 412, roundTrip: 23, loss: 0.002, codec: 'AV1', path: 'tls', framesDecoded: 900 };
  return {
    state, stream: canvas.captureStream(5), code: '482 913', marks,
    watch: nothing, unwatch: nothing, take: nothing, wake: nothing, show: nothing, hear: () => Promise.resolve(), figures: () => Promise.resolve(figures),
  };
}

function card(live: boolean, { sends = false, invitations = [] }: Extras): KeyCard {
  const link = live ? 'https://help.example.org/j/QXJTM2K7ZV4HNR6WBYPD3CEGFA' : '';
  return {
    key: live ? '123456789' : '', link, expires: ago(-56), visits: 2, wrongKeys: 1,
    mailto: live ? 'mailto:?subject=Remote%20support&body=Open%20this' : '', qr: live ? { link: picture, key: picture } : { link: '', key: '' },
    sends: { sms: sends, email: sends }, invitations,
  };
}

const sms: Invitation = { id: 'sms', via: 'sms', to: '+4915123456789', typed: '0151 23456789', state: 'delivered', tries: 1, queued: ago(3), at: ago(2) };
const email: Invitation = { ...sms, id: 'email', via: 'email', to: 'carla@example.org', typed: 'carla@example.org', state: 'sent' };

/** Invitations in every state. */
export const sentOnes: Invitation[] = [
  { ...sms, id: 'i9', typed: '0171 1234567', state: 'sending', at: ago(0) },
  { ...email, id: 'i8', typed: 'a.rather.long.name.of.somebody@subdomain.of.example.org', state: 'queued', why: 'busy', at: ago(0) },
  { ...sms, id: 'i7', typed: '+49 171 1234567', state: 'uncertain', why: 'no-answer' },
  { ...sms, id: 'i6', typed: '0171/1234567', state: 'refused', why: 'gateway', detail: '21211: Invalid “To” phone number' },
  { ...email, id: 'i5', state: 'refused', why: 'undelivered', detail: '550 5.1.1 no such user' },
  { ...email, id: 'i4' },
  sms,
];

/** One invitation as it comes out. */
export const oneOf = (state: Invitation['state'], via: Invitation['via'], why?: string, detail?: string): Invitation[] => [{ ...(via === 'sms' ? sms : email), state, why, detail, at: ago(0) }];

/** Something that looks like a QR code. */
export const picture = `data:image/svg+xml;base64,${btoa(drawing())}`;

function drawing(): string {
  const squares: string[] = [];
  const eye = (x: number, y: number) => squares.push(`M${x} ${y}h7v7h-7zM${x + 1} ${y + 1}v5h5v-5zM${x + 2} ${y + 2}h3v3h-3z`);
  for (let i = 0, r = 7; i < 29 * 29; i++) {
    r = (r * 1103515245 + 12345) % 2147483648;
    const [x, y] = [i % 29, Math.floor(i / 29)];
    const free = (x > 7 || (y > 7 && y < 21)) && (x < 21 || y > 7);
    if (free && r > 1073741824) squares.push(`M${x + 4} ${y + 4}h1v1h-1z`);
  }
  for (const [x, y] of [[4, 4], [26, 4], [4, 26]] as const) eye(x, y);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h37v37H0z"/><path fill-rule="evenodd" d="${squares.join('')}"/></svg>`;
}

const line: Overview = {
  id: '', state: 'active', title: '', agent: me, agentName: 'Ada Lovelace', created: ago(31), expires: ago(-29), started: ago(24), lastText: '', lastAt: ago(2),
  unanswered: 0, knocking: 0, endUser: 'here', rating: '', note: '', outcome: '', tags: [],
};

export const openSessions: Overview[] = [
  { ...line, id: 'active', title: 'Printer of Ms Müller', lastText: 'The lamp is green now!', unanswered: 1 },
  { ...line, id: 'knocking', state: 'waiting', created: ago(14), expires: ago(-46), started: undefined, endUser: '', knocking: 1, lastAt: ago(1) },
  { ...line, id: 'waiting', state: 'waiting', created: ago(4), expires: ago(-56), started: undefined, endUser: '', lastAt: ago(4) },
  { ...line, id: 'new', created: ago(9), started: ago(1), lastAt: ago(1) },
  { ...line, id: 'long', lastText: 'A very long first message that goes on and on, because people explain a lot before they say what is wrong with their computer', endUser: 'away', created: ago(65), lastAt: ago(7) },
  { ...line, id: 'gone', title: 'VPN after the update', lastText: 'I will be back after lunch', endUser: 'gone', created: ago(125), lastAt: ago(48) },
  { ...line, id: 'doubted', state: 'waiting', created: ago(20), expires: ago(-40), started: undefined, endUser: '', lastAt: ago(3), doubted: ago(3) },
  { ...line, id: 'theirs', agent: 'OTHER', agentName: 'Grace Hopper', state: 'waiting', created: ago(22), expires: ago(-38), started: undefined, endUser: '', lastAt: ago(8), doubted: ago(8) },
  { ...line, id: 'expired', state: 'expired', created: ago(75), expires: ago(15), started: undefined, endUser: '', lastAt: ago(15) },
];

/** Sessions for which somebody asks for a new link just now. */
export function rung(state: Overview['state']): Overview[] {
  const asked: Overview = { ...line, id: `rung ${state}`, state, title: '', created: ago(75), expires: ago(15), started: undefined, endUser: '', lastAt: ago(0), asked: ago(0) };
  return state === 'revoked' ? [asked, { ...asked, id: 'rung', title: 'Printer of Ms Müller', state: 'ended', lastAt: ago(3), asked: ago(3) }] : [asked];
}

const past: Found = { ...line, state: 'ended', ended: ago(1500), snippet: [], outcome: 'resolved', rating: 'good' };

export const pastSessions: Found[] = [
  { ...past, id: 'ended', title: 'Printer of Mr Smith', lastText: 'Thank you so much!', tags: ['printer', 'hardware'], started: ago(1530), snippet: [{ text: 'The ' }, { text: 'cable', hit: true }, { text: ' was loose, so I pushed the ' }, { text: 'cable', hit: true }, { text: ' in until it clicked.' }] },
  { ...past, id: 'ended2', lastText: 'It still does not work, I give up for today', started: ago(3000), ended: ago(2900), outcome: 'unresolved', rating: 'bad' },
  { ...past, id: 'ended3', title: 'New notebook', lastText: 'ok', started: ago(4600), ended: ago(4500), outcome: 'unknown', rating: 'middling', tags: ['set-up'] },
  { ...past, id: 'ended4', started: undefined, ended: ago(9000), created: ago(9100), outcome: '', rating: '' },
];

const shipped = {
  en: { sms: '{agent} of {org} invites you to remote support. Your key: {key}. {word} Until {until}: {link}', subject: 'Remote support by {agent}, {org}', mail: 'Hello,\n\n{agent} of {org} would like to help you.\n{word}\n\nOpen this page until {until}:\n{link}\n\nOr type {key} at {site}.' },
  de: { sms: '{agent} von {org} lädt Sie zur Fernhilfe ein. Ihr Schlüssel: {key}. {word} Bis {until}: {link}', subject: 'Fernhilfe von {agent}, {org}', mail: 'Guten Tag,\n\n{agent} von {org} möchte Ihnen helfen.\n{word}\n\nÖffnen Sie bis {until} diese Seite:\n{link}\n\nOder geben Sie {key} auf {site} ein.' },
};

export const texts: AllTexts = {
  languages: [{ code: 'en', name: 'English', ...shipped.en, shipped: shipped.en }, { code: 'de', name: 'Deutsch', ...shipped.de, shipped: shipped.de }],
  variables: ['agent', 'org', 'key', 'link', 'until', 'site', 'word'],
};

export const sample: TextsCheck = {
  sms: 'Ada Lovelace of Example Ltd invites you to remote support. Your key: 123-456-789. See you! Until 15:04: https://help.example.org/j/QXJTM2K7ZV4HNR6WBYPD3CEGFA',
  subject: 'Remote support by Ada Lovelace, Example Ltd',
  mail: 'Hello,\n\nAda Lovelace of Example Ltd would like to help you.\nSee you!\n\nOpen this page until 15:04:\nhttps://help.example.org/j/QXJTM2K7ZV4HNR6WBYPD3CEGFA\n\nOr type 123-456-789 at https://help.example.org.',
  html: '<!doctype html>\n<html lang="en"><body>\n<p>Hello,</p>\n<p>Ada Lovelace of Example Ltd would like to help you.</p>\n</body></html>',
  length: { parts: 1, unicode: false, left: 7 },
};

export const refusal: Problem = { type: 'urn:deskside:limit-address', title: '', status: 429, code: 'limit-address', detail: '' };

const link = 'https://help.example.org/j/QXJTM2K7ZV4HNR6WBYPD3CEGFA';

/** Answers what the server thinks of a letter; 99 is the end of a number whose text is long. */
export function checked(letter: Record<string, string>): LetterCheck {
  const long = letter['to']!.endsWith('99');
  const sms = letter['via'] === 'sms';
  const text = sms
    ? `Ada Lovelace of Example Ltd invites you to remote support. ${long ? '你好 from the whole team 🙂, and see you in a moment. ' : ''}Until 15:04: ${link}`
    : `Hello,\n\nAda Lovelace of Example Ltd would like to help you.\n\nOpen this page until 15:04:\n${link}\n\nOr type 123-456-789 at https://help.example.org.`;
  return {
    typed: letter['to']!, address: sms ? '+4915123456789' : letter['to']!, valid: !long, subject: sms ? '' : 'Remote support by Ada Lovelace, Example Ltd', text,
    sms: sms ? (long ? { parts: 3, unicode: true, left: 22 } : { parts: 1, unicode: false, left: 31 }) : undefined, href: sms ? 'sms:+4915123456789?body=Hello' : 'mailto:carla@example.org', qr: sms ? picture : undefined,
  };
}
