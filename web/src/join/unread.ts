// What the reader has not seen yet: the divider, the pill, the count in the
// title, what is read out, and what the other side learns about it.

import type { Line } from './bubble';
import type { Chat } from './chat';
import { byId, make, tell } from './dom';
import type { Item } from '../lib/conversation';
import type { Translate } from '../lib/text';

const READ_OUT = 3; // of more messages at once, only their number is read out

export class Unread {
  readonly #title = document.title;
  readonly #pill = byId('pill');
  #items = 0; // how many this has looked at
  #seen = 0; // the newest number that was in view
  #told = 0; // the newest number of which the other side knows that
  #unseen: number[] = []; // the numbers of what others said since
  #divided = false;
  /** Stands before the page's title. */
  sign = '';
  /** Called when somebody else wrote. */
  onArrival?: () => void;

  constructor(private readonly chat: Chat, private readonly t: Translate) {
    this.#pill.onclick = () => {
      chat.log.toEnd();
      byId('text').focus();
    };
    document.addEventListener('visibilitychange', () => this.#shown());
    this.#shown();
    this.take();
  }

  /** Looks what is new in the conversation. */
  take(): void {
    const client = this.chat.client!;
    if (!client.caughtUp) return;
    const { items } = client.conversation;
    const first = this.#items === 0;
    if (first) this.#seen = this.#readBefore();
    const news = items.slice(this.#items).filter((i) => this.chat.lines!.fromOthers(i) && i.seq > this.#seen);
    this.#items = items.length;
    if (news.length) this.#arrived(news, first);
    this.look();
  }

  /** Takes the divider away: who writes has read. */
  caughtUp(): void {
    this.#divided = false;
    this.chat.log.divide(0);
  }

  /** Looks what is in view now. */
  look(): void {
    const { boot, log } = this.chat;
    if (!document.hidden && log.atEnd && this.#items) this.#read();
    const n = this.#unseen.length;
    tell(this.#pill, log.atEnd ? '' : this.t('new.pill', { n }));
    if (boot.state !== 'ended') document.title = this.sign + (n ? `(${n}) ` : '') + this.#title;
  }

  /** How far the reader had come when they were here last. */
  #readBefore(): number {
    const { marks, you, conversation } = this.chat.client!;
    return marks.get(you)?.read || conversation.number; // who was never here has missed nothing
  }

  #shown(): void {
    this.chat.client!.away(document.hidden);
    this.look();
  }

  #read(): void {
    const client = this.chat.client!;
    this.#seen = client.conversation.number;
    this.#unseen = [];
    this.#divided = false; // the next news get a divider of their own
    if (this.#seen === this.#told) return;
    this.#told = this.#seen;
    client.read(this.#seen);
  }

  #arrived(news: Item[], before: boolean): void {
    this.#unseen.push(...news.map((i) => i.seq));
    if (!this.#divided && (before || document.hidden || !this.chat.log.atEnd)) {
      this.#divided = true;
      this.chat.log.divide(news[0]!.seq, this.t('new.divider'));
      this.chat.log.changed();
    }
    if (before) return;
    const said = news.map((i) => this.chat.lines!.item(i)).map((l) => this.#saying(l));
    this.readOut(news.length > READ_OUT ? [this.t('new.pill', { n: news.length })] : said);
    this.onArrival?.();
  }

  #saying(l: Line): string {
    return l.file ? this.t('file.offers', { name: l.name, file: l.text }) : `${l.name}: ${l.text}`;
  }

  /** Lets screen readers say it. What they may be saying just now stays. */
  readOut(texts: string[]): void {
    const region = byId('said');
    region.append(...texts.map((text) => make('p', '', text)));
    while (region.childElementCount > READ_OUT) region.firstElementChild!.remove();
  }
}
