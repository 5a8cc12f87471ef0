// The session's conversation as lines to show: in words, and from the
// reader's side.

import type { Boot } from './boot';
import type { Line, Mark } from './bubble';
import type { Client } from '../lib/client';
import type { Item, Line as Happened, Message } from '../lib/conversation';
import type { Pending } from '../lib/outbox';
import type { Translate } from '../lib/text';

/** Gives each line by its place; what is not sent yet stands at the end. */
export class Lines {
  constructor(private readonly client: Client, private readonly boot: Boot, private readonly t: Translate) {}

  get length(): number {
    return this.client.conversation.items.length + this.client.pending.length;
  }

  /** Makes the lines from one place up to another. */
  slice(from: number, upto: number): Line[] {
    const { items } = this.client.conversation;
    const pending = this.client.pending.slice(Math.max(0, from - items.length), Math.max(0, upto - items.length));
    return [...items.slice(from, upto).map((i) => this.item(i)), ...pending.map((p) => this.#unsent(p))];
  }

  /** Says whether an item is something that somebody else said. */
  fromOthers(i: Item): boolean {
    return i.kind !== 'line' && i.by !== this.boot.you;
  }

  item(i: Item): Line {
    const own = i.by === this.boot.you;
    const line = { ...blank, seq: i.seq, at: new Date(i.at), own, key: own && 'id' in i && i.id ? i.id : `${i.seq}` };
    return i.kind === 'line' ? { ...line, system: true, text: this.happened(i) } : { ...line, ...this.#said(i) };
  }

  /** Says what happened; to the reader themselves in other words. */
  happened(i: Happened): string {
    const own = `you.${i.key.split('.')[1]}`;
    const key = i.who === this.boot.you && own in this.boot.texts ? own : i.key;
    return this.t(key, { ...i.params, name: this.name(i.who), agent: i.params.agent ? this.name(i.params.agent) : '' });
  }

  name(id: string): string {
    if (id === this.boot.you) return this.t('you');
    const p = this.client.conversation.participants.get(id);
    return p?.name || (p?.role === 'end-user' ? this.t('who.end-user') : this.boot.agent);
  }

  #said(m: Message): Partial<Line> {
    const name = this.name(m.by);
    const counts = new Map<string, number>();
    for (const emoji of m.reactions.values()) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
    return {
      name,
      text: m.withdrawn ? this.t('line.withdrawn', { name }) : m.text,
      file: m.file,
      link: m.kind === 'link',
      edited: m.edits.length > 0,
      withdrawn: m.withdrawn,
      reactions: [...counts],
      reaction: m.reactions.get(this.boot.you!) ?? '',
      mark: m.by === this.boot.you ? this.client.reached(m.seq) : '',
    };
  }

  #unsent(p: Pending): Line {
    const mark: Mark = p.failed ? 'failed' : 'sending';
    return { ...blank, key: p.id, at: new Date(p.at), own: true, name: this.t('you'), text: p.text, mark };
  }
}

const blank = {
  seq: 0, system: false, own: false, name: '', text: '', link: false, edited: false, withdrawn: false,
  reactions: [] as [string, number][], reaction: '', mark: '' as Mark,
};
