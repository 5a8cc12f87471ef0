// The calls that the page makes before it takes part.

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
