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

/** Makes one request in a session; it works after the end too. */
export function ask(session: string, type: string, fields: Omit<Request, 'type' | 'id'> = {}): Promise<Ack> {
  return post<Ack>(`/api/sessions/${session}/requests`, { type, id: crypto.randomUUID?.() ?? randomID(), ...fields });
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
  qr: { link: string; key: string };
}

export interface SmsCheck {
  typed: string;
  e164: string;
  valid: boolean;
  href: string;
  qr: string;
}

export interface Countries {
  default: string;
  countries: { code: string; calling: number }[];
}
