// The fold with what only agents see: how somebody was invited, and who of
// the invited has doubts or asks for a new link.

import { Conversation, lineOf } from './conversation';
import type { Bodies, SessionEvent } from './protocol';

export class AgentConversation extends Conversation {
  /** What the server was told to send, by the invitations' ids. */
  readonly invitations = new Map<string, Bodies['invited']>();
  /** The seq of the last event about an invitation. */
  invitedAt = 0;
  /** When somebody said last that they don't know the agent. */
  doubted = '';

  override apply(events: readonly SessionEvent[]): void {
    for (const e of events) {
      super.apply([e]);
      this.#fold(e);
    }
  }

  #fold(e: SessionEvent): void {
    switch (e.type) {
      case 'invited':
        return this.#invite(e);
      case 'invitation':
        return this.#move(e);
      case 'doubted':
        this.doubted = e.at;
        this.items.push(lineOf(e, e.type));
        return;
      case 'key-asked':
        this.items.push(lineOf(e, e.type));
    }
  }

  #invite(e: Extract<SessionEvent, { type: 'invited' }>): void {
    const { invitation, via, to = '' } = e.data;
    this.invitedAt = e.seq;
    if (invitation) this.invitations.set(invitation, e.data);
    this.items.push(lineOf(e, `${invitation ? 'invitation' : 'invited'}.${via}`, e.by, { to }));
  }

  /** Folds how far an invitation has come; that it is about to be sent is no line. */
  #move(e: Extract<SessionEvent, { type: 'invitation' }>): void {
    const { invitation, state, why = '', detail = '' } = e.data;
    this.invitedAt = e.seq;
    if (state === 'queued' || state === 'sending') return;
    const { via = '', to = '' } = this.invitations.get(invitation) ?? {};
    this.items.push(lineOf(e, `invitation.${state}`, '', { via, to, why, detail }));
  }
}
