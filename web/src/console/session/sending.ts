// Has the server send invitations, each once: until the answer to a request is
// known, the same wish repeats that request.

import { type Invitation, type Letter, newID, post } from '../api';
import { t } from '../say';

/** A new one, or one like an earlier one that goes to the same address. */
export type Wish = Letter | { again: string };

/** What says nothing of whether the request was carried out. */
const unknown = new Set(['offline', 'unavailable', 'internal']);

/** The ids of requests whose answers are not known, by what they asked for. */
const unanswered = new Map<string, string>();

/** Has an invitation sent; returns its id. */
export async function send(session: string, wish: Wish): Promise<string> {
  const what = JSON.stringify([session, wish]);
  const id = unanswered.get(what) ?? newID();
  unanswered.set(what, id);
  try {
    const { invitation } = await post<{ invitation: string }>(`/api/sessions/${session}/invitations`, { id, ...wish });
    unanswered.delete(what);
    return invitation;
  } catch (e) {
    if (!unknown.has((e as { code: string }).code)) unanswered.delete(what);
    throw e;
  }
}

/** Says whether the agent may want to send another one like it. */
export function repeatable(i: Invitation): boolean {
  return i.state !== 'queued' && i.state !== 'sending' && i.typed !== '';
}

/** Whether it may not reach anybody, so that the agent has to do something. */
export function failed(i: Invitation): boolean {
  return (i.state === 'refused' && i.why !== 'not-needed') || i.state === 'uncertain';
}

/** The state in a few words. */
export function stateOf(i: Invitation): string {
  if (i.state === 'refused' && i.why === 'undelivered') return t('invitation.undelivered');
  return t(`invitation.${i.state}`);
}

/** What the state means, where its words don't say enough. */
export function explain(i: Invitation): string {
  const words = i.state === 'refused' ? (i.why ?? 'gateway') : i.state === 'uncertain' ? 'no-answer' : i.state === 'queued' && i.why ? `again.${i.why}` : '';
  if (!words) return '';
  return t(`invitation.why.${words}`) + (i.detail ? ` ${t('invitation.detail', { detail: i.detail })}` : '');
}
