// Who is there, who writes, and whether there is a connection.

import type { Boot } from './boot';
import { byId, tell } from './dom';
import type { Lines } from './lines';
import type { Client } from '../lib/client';
import type { Translate } from '../lib/text';

const GRACE = 1000; // milliseconds that the first connection may take unmentioned
const MINUTE = 60_000;

export class Status {
  private readonly begun = Date.now();

  constructor(
    private readonly client: Client,
    private readonly lines: Lines,
    private readonly boot: Boot,
    private readonly t: Translate,
  ) {
    setTimeout(() => this.update(), GRACE);
    setInterval(() => this.update(), MINUTE / 4); // "for 3 minutes" grows
  }

  update(): void {
    const { client, t } = this;
    const ended = client.conversation.state === 'ended';
    tell(byId('net'), ended ? '' : this.connection());
    const writing = [...client.typing.keys()].map((id) => this.lines.name(id));
    tell(byId('typing'), ended || !writing.length ? '' : t('typing', { name: writing.join(', ') }));
    this.agent(!ended && client.status === 'online');
  }

  private connection(): string {
    switch (this.client.status) {
      case 'connecting':
        return Date.now() - this.begun > GRACE ? this.t('net.offline') : '';
      case 'offline':
        return this.t('net.offline');
      case 'removed':
        return this.t('removed');
    }
    return '';
  }

  /** Shows how reachable the agent is, and how long one has waited for them. */
  private agent(online: boolean): void {
    const { client, boot, t } = this;
    const agents = [...client.conversation.participants.values()].filter((p) => p.role === 'agent').map((p) => client.presence.get(p.id));
    const there = agents.find((p) => p && p.presence !== 'gone');
    const since = agents.find((p) => p?.since)?.since;
    const presence = byId('presence');
    presence.className = online && there ? there.presence : '';
    presence.textContent = !online ? boot.org : there ? t(`presence.${there.presence}`)
      : since ? t('presence.gone', { time: new Date(since).toLocaleTimeString(boot.lang, { timeStyle: 'short' }) }) : boot.org;
    const alone = online && !there;
    const minutes = Math.floor((Date.now() - Math.max(this.begun, since ?? 0)) / MINUTE);
    byId('alone').hidden = !alone;
    byId('alone-for').textContent = alone ? t('alone.for', { agent: boot.agent, n: minutes }) : '';
  }
}
