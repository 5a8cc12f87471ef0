// The calls of the Console beside a session's live stream.

import type { Ack, Problem, Request } from '../lib/protocol';
import { t } from './say';

/** A request that the server refused, or that it could not be asked for. */
export class Refused extends Error {
  /** code is one of the protocol's, or "offline" where no answer came. */
  constructor(readonly code: string, detail = '') {
    super(detail || code);
  }
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, init).catch(() => {
    throw new Refused('offline');
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && body !== undefined) return body as T;
  const problem = body as Problem | undefined;
  throw new Refused(problem?.code ?? 'internal', problem?.detail);
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return call<T>(path, { signal });
}

export function post<T>(path: string, body: object): Promise<T> {
  return call<T>(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

export function put<T>(path: string, body: object): Promise<T> {
  return call<T>(path, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

/** Makes one request in a session; it works after the end too. */
export function ask(session: string, type: string, fields: Omit<Request, 'type' | 'id'> = {}): Promise<Ack> {
  return post<Ack>(`/api/sessions/${session}/requests`, { type, id: newID(), ...fields });
}

/** Names a request, so that repeating it does nothing twice. */
export function newID(): string {
  return crypto.randomUUID?.() ?? randomID();
}

/** Stands in for randomUUID, which pages without https don't have. */
function randomID(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** Says in the agent's words why something failed. */
export function reason(error: unknown): string {
  const code = (error as { code?: string } | undefined)?.code ?? 'internal';
  const text = t(`error.${code}`);
  return text === `error.${code}` ? ((error as Error).message ?? t('error.internal')) : text;
}

export interface KeyCard {
  /** Nine digits; empty once the session has started or the key is dead. */
  key: string;
  /** The session link; likewise. */
  link: string;
  expires: string;
  visits: number;
  wrongKeys: number;
  mailto: string;
  /** What the server has gateways for. */
  sends: Record<Via, boolean>;
  /** What it was told to send, the newest first. */
  invitations: Invitation[];
  qr: { link: string; key: string };
}

/** How an invitation goes that the server can send. */
export type Via = 'sms' | 'email';

export type InvitationState = 'queued' | 'sending' | 'sent' | 'delivered' | 'refused' | 'uncertain';

/** One that the server sends, or sent. */
export interface Invitation {
  id: string;
  via: Via;
  /** The address: E.164, or of an email; empty once it was erased. */
  to: string;
  /** The same as the agent typed it. */
  typed: string;
  /** What is left of an erased one. */
  hidden?: string;
  state: InvitationState;
  why?: string;
  /** The gateway's own words. */
  detail?: string;
  /** How often a gateway was asked. */
  tries: number;
  queued: string;
  /** When it came to its state. */
  at: string;
}

/** An invitation as somebody is about to send it. */
export interface Letter {
  via: Via;
  to: string;
  country: string;
  language: string;
  word: string;
}

/** The same as it will go out. */
export interface LetterCheck {
  typed: string;
  /** E.164, or the email address. */
  address: string;
  /** Whether the number or address is known to be possible. */
  valid: boolean;
  subject: string;
  text: string;
  sms?: SmsLength;
  /** An sms: or mailto: link that holds the message. */
  href: string;
  /** The link of a text message as a picture. */
  qr?: string;
}

export interface SmsLength {
  parts: number;
  /** It has characters for which a message holds less than half as much. */
  unicode: boolean;
  /** Characters free in the last part. */
  left: number;
}

/** The texts of invitations in one language. */
export interface Texts {
  sms: string;
  subject: string;
  mail: string;
}

export interface LanguageTexts extends Texts {
  code: string;
  name: string;
  shipped: Texts;
}

export interface AllTexts {
  languages: LanguageTexts[];
  variables: string[];
}

/** The texts with sample values filled in. */
export interface TextsCheck extends Texts {
  html: string;
  length: SmsLength;
}

export interface Countries {
  default: string;
  countries: { code: string; calling: number }[];
}
