// Who is there, who writes, and how long one has waited for them.

import type { Chat } from './chat';
import { byId, tell } from './dom';
import { regional } from '../lib/regional';
import type { Translate } from '../lib/text';

const MINUTE = 60_000; // milliseconds

export class People {
  readonly #begun = Date.now();

  constructor(private readonly chat: Chat, private readonly t: Translate) {
    chat.client!.subscribe(() => this.#update());
    setInterval(() => this.#update(), MINUTE / 4); // "for 3 minutes" grows
    this.#update();
  }

  #update(): void {
    const client = this.chat.client!;
    const talking = client.status === 'online' && client.conversation.state !== 'ended';
    const writing = [...client.typing.keys()].map((id) => this.chat.lines!.name(id));
    tell(byId('typing'), talking && writing.length ? this.t('typing', { name: writing.join(', ') }) : '');
    this.#agent(talking);
  }

  /** Shows how reachable the agent is, and how long one has waited for them. */
  #agent(talking: boolean): void {
    const { client, boot } = this.chat;
    const { participants, started } = client!.conversation;
    const agents = [...participants.values()].filter((p) => p.role === 'agent').map((p) => client!.presence.get(p.id));
    const there = agents.find((p) => p && p.presence !== 'gone');
    const since = agents.find((p) => p?.since)?.since;
    const presence = byId('presence');
    presence.className = talking && there ? there.presence : '';
    presence.textContent = talking ? this.#presence(there?.presence, since) : boot.org;
    const alone = talking && !there;
    byId('alone').hidden = !alone;
    if (!alone) return;
    const waited = Date.now() - Math.max(Date.parse(started) || this.#begun, since ?? 0);
    byId('alone-for').textContent = this.t('alone.for', { agent: boot.agent, n: Math.max(0, Math.floor(waited / MINUTE)) });
  }

  #presence(there?: string, since?: number): string {
    const { boot } = this.chat;
    if (there) return this.t(`presence.${there}`);
    if (!since) return boot.org;
    return this.t('presence.gone', { time: new Date(since).toLocaleTimeString(regional(boot.lang), { timeStyle: 'short' }) });
  }
}
