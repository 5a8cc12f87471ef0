// What the reader has not seen yet: the divider, the pill, the count in the
// title, what is read out, and what the other side learns about it.

import type { Line } from './bubble';
import { byId, tell } from './dom';
import type { Log } from './log';
import type { Client } from '../lib/client';
import type { Translate } from '../lib/text';

const READ_OUT = 3; // of more messages at once, only their number is read out

export class Unread {
  private readonly title = document.title;
  private readonly pill = byId('pill');
  private lines: Line[] = [];
  private seen = 0; // the newest number that was in view
  private read = 0; // what the other side was told
  private known = -1; // the newest number that the page has; -1 before the first
  private divided = false;

  constructor(private readonly client: Client, private readonly log: Log, private readonly t: Translate, private readonly onArrival: () => void) {
    this.pill.onclick = () => {
      log.toEnd();
      byId('text').focus();
    };
    document.addEventListener('visibilitychange', () => this.shown());
    this.shown();
  }

  /** Takes the newest state of the conversation. */
  take(lines: Line[]): void {
    this.lines = lines;
    const newest = lines.findLast((l) => l.seq)?.seq ?? 0;
    if (this.known < 0 && newest) this.seen = newest; // what was there before is no news
    else if (newest > this.known) this.arrived(lines.filter((l) => l.seq > this.known && !l.own && !l.system));
    if (newest) this.known = newest;
    this.look();
  }

  /** Forgets the divider: who writes has read. */
  caughtUp(): void {
    this.divided = false;
    this.log.divide('');
  }

  private shown(): void {
    this.client.away(document.hidden);
    this.look();
  }

  /** Looks what is in view now. */
  look(): void {
    if (!document.hidden && this.log.atEnd && this.known > this.read) {
      this.seen = this.read = this.known;
      this.client.read(this.read);
    }
    const n = this.unseen().length;
    if (!n && !document.hidden) this.divided = false; // the next news get a divider of their own
    tell(this.pill, this.log.atEnd ? '' : this.t('new.pill', { n }));
    if (this.client.conversation.state !== 'ended') document.title = (n ? `(${n}) ` : '') + this.title;
  }

  private unseen(): Line[] {
    return this.lines.filter((l) => l.seq > this.seen && !l.own && !l.system);
  }

  private arrived(news: Line[]): void {
    if (!news.length) return;
    if (!this.divided && (document.hidden || !this.log.atEnd)) {
      this.divided = true;
      this.log.divide(news[0]!.key);
    }
    const words = news.length > READ_OUT ? [this.t('new.pill', { n: news.length })] : news.map((l) => `${l.name}: ${l.text}`);
    byId('said').textContent = words.join('\n');
    this.onArrival();
  }
}
