// Who is there, who writes, and whether there is a connection.

import type { Boot } from './boot';
import { byId, tell } from './dom';
import type { Client } from '../lib/client';
import type { Translate } from '../lib/text';

const GRACE = 1000; // milliseconds that the first connection may take unmentioned
const MINUTE = 60_000;

export class Status {
  private readonly begun = Date.now();
  private readonly ticking: number;

  constructor(private readonly client: Client, private readonly boot: Boot, private readonly t: Translate) {
    setTimeout(() => this.update(), GRACE);
    this.ticking = setInterval(() => this.update(), MINUTE / 4); // "for 3 minutes" grows
  }

  update(): void {
    const ended = this.client.conversation.state === 'ended';
    if (ended) clearInterval(this.ticking);
    tell(byId('net'), ended || !this.lost() ? '' : this.t('net.offline'));
    tell(byId('typing'), ended ? '' : this.writing());
    this.agent(ended);
  }

  private lost(): boolean {
    const { status } = this.client;
    return status === 'offline' || (status === 'connecting' && Date.now() - this.begun > GRACE);
  }

  private writing(): string {
    const names = [...this.client.typing.keys()].map((id) => this.client.conversation.participants.get(id)?.name ?? this.boot.agent);
    return names.length ? this.t('typing', { name: names.join(', ') }) : '';
  }

  /** Shows how reachable the agent is, and how long one has waited for them. */
  private agent(ended: boolean): void {
    const { boot, t, client } = this;
    const agents = [...client.conversation.participants.values()].filter((p) => p.role === 'agent');
    const there = agents.map((p) => client.presence.get(p.id)).find((p) => p && p.presence !== 'gone');
    const gone = agents.map((p) => client.presence.get(p.id)?.since).find((since) => since);
    const presence = byId('presence');
    presence.className = there && !ended ? there.presence : '';
    presence.textContent = ended || client.status !== 'online' ? boot.org : there ? t(`presence.${there.presence}`) : gone
      ? t('presence.gone', { time: new Date(gone).toLocaleTimeString(boot.lang, { hour: '2-digit', minute: '2-digit' }) }) : boot.org;
    const alone = !ended && client.status === 'online' && !there;
    byId('alone').hidden = !alone;
    if (alone) tell(byId('alone-for'), t('alone.for', { agent: boot.agent, n: Math.floor((Date.now() - (gone ?? this.begun)) / MINUTE) }));
  }
}
