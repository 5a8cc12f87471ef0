// The calls that the page makes before it takes part.

import { byId, tell } from './dom';

/** A refusal, as the server words it (RFC 9457). */
export class Refusal extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export interface Entry {
  session: string;
  you: string;
  check?: string;
}

/** Codes after which the server's own page says what to do. */
const anotherPage = /^(key-|session-ended|not-)/;

/** Posts JSON; throws a Refusal, with an empty code where no answer came. */
export async function post<T>(path: string, body: object): Promise<T> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  const said = await answer?.json().catch(() => ({}));
  if (!answer?.ok) throw new Refusal(said?.code ?? '');
  return said;
}

/** Does something once at a time; shows the trouble where the server can't. */
export async function trying(button: HTMLButtonElement, trouble: string, act: () => Promise<void>): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  try {
    await act();
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    if (anotherPage.test(e.code)) location.reload();
    tell(byId('net'), trouble);
  }
  button.disabled = false;
}
