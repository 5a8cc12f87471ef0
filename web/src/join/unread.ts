// What the reader has not seen yet: the divider, the pill, the count in the
// title, what is read out, and what the other side learns about it.

import { byId, tell } from './dom';
import type { Log } from './log';
import type { Lines } from './lines';
import type { Client } from '../lib/client';
import type { Item } from '../lib/conversation';
import type { Translate } from '../lib/text';

const READ_OUT = 3; // of more messages at once, only their number is read out

export class Unread {
  private readonly title = document.title;
  private readonly pill = byId('pill');
  private items = 0; // how many the page has looked at
  private seen = 0; // the newest number that was in view
  private told = 0; // the newest number of which the other side knows that
  private unseen: number[] = []; // the numbers of what others said since
  private divided = false;
  /** Called when somebody else wrote. */
  onArrival?: () => void;

  constructor(private readonly client: Client, private readonly log: Log, private readonly lines: Lines, private readonly t: Translate) {
    this.pill.onclick = () => {
      log.toEnd();
      byId('text').focus();
    };
    document.addEventListener('visibilitychange', () => this.shown());
    this.shown();
  }

  /** Looks what is new in the conversation. */
  take(): void {
    const { items, number } = this.client.conversation;
    const first = this.items === 0; // what was said before is no news
    const news = items.slice(this.items).filter((i) => this.lines.fromOthers(i));
    this.items = items.length;
    if (first) this.seen = number;
    else if (news.length) this.arrived(news);
    this.look();
  }

  /** Takes the divider away: who writes has read. */
  caughtUp(): void {
    this.divided = false;
    this.log.divide(0);
  }

  /** Looks what is in view now. */
  look(): void {
    if (!document.hidden && this.log.atEnd) this.read();
    const n = this.unseen.length;
    tell(this.pill, this.log.atEnd ? '' : this.t('new.pill', { n }));
    if (this.client.conversation.state !== 'ended') document.title = (n ? `(${n}) ` : '') + this.title;
  }

  private shown(): void {
    this.client.away(document.hidden);
    this.look();
  }

  private read(): void {
    this.seen = this.client.conversation.number;
    this.unseen = [];
    this.divided = false; // the next news get a divider of their own
    if (this.seen === this.told) return;
    this.told = this.seen;
    this.client.read(this.seen);
  }

  private arrived(news: Item[]): void {
    this.unseen.push(...news.map((i) => i.seq));
    if (!this.divided && (document.hidden || !this.log.atEnd)) {
      this.divided = true;
      this.log.divide(news[0]!.seq);
    }
    const said = news.map((i) => this.lines.item(i)).map((l) => `${l.name}: ${l.text}`);
    byId('said').textContent = news.length > READ_OUT ? this.t('new.pill', { n: news.length }) : said.join('\n');
    this.onArrival?.();
  }
}
