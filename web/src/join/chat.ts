// The chat itself: ties the client of the protocol to the page.

import type { Entry } from './api';
import type { Line, Surroundings } from './bubble';
import type { Boot } from './boot';
import { Composer } from './composer';
import { byId, show, tell } from './dom';
import { Lines } from './lines';
import { Log } from './log';
import type { Unread } from './unread';
import { Client } from '../lib/client';
import type { Translate } from '../lib/text';

declare global {
  /** The chat, for more.ts, which is a bundle of its own. */
  var desksideChat: Chat | undefined;
}

const GRACE = 1000; // milliseconds that the first connection may take unmentioned
const LOAD_AGAIN = 5000; // milliseconds

export class Chat {
  /** The session's client; missing until this page takes part. */
  client?: Client;
  lines?: Lines;
  readonly composer: Composer;
  readonly log: Log;
  readonly around: Surroundings;
  /** Adds to the chat what more.ts knows; there once that is loaded. */
  furnish?: () => void;
  unread?: Unread;
  #waited = false;

  constructor(readonly boot: Boot, readonly t: Translate, start: (act: Event, first?: string) => void) {
    this.composer = new Composer({
      send: (text, act) => (this.client ? this.say(text) : start(act, text)),
      typing: (on) => this.client?.setTyping(on),
      tooLong: (n) => t('long', { n }),
    });
    this.around = this.#surroundings();
    this.log = new Log(byId('log'), byId('earlier'), byId('scroll'), this.around, () => this.unread?.look());
    globalThis.desksideChat = this;
  }

  /** Takes part from now on, as whom the server let in. */
  enter(entry: Entry): void {
    Object.assign(this.boot, entry, { state: 'here' });
    tell(byId('net'), '');
    this.begin();
  }

  /** Shows the session's conversation; it goes on unless it is over. */
  begin(): void {
    const { boot } = this;
    show(boot.state);
    this.composer.move(`/s/${boot.session}`);
    const client = (this.client = this.connect());
    this.lines = new Lines(client, boot, this.t);
    this.log.open(this.lines, boot.state === 'here');
    client.subscribe(() => this.#update());
    setTimeout(() => {
      this.#waited = true;
      this.#update();
    }, GRACE);
    this.#endButton();
    if (this.furnish) this.furnish();
    else this.loadMore();
  }

  /** Opens the session's live stream. */
  connect(): Client {
    return new Client({ session: this.boot.session!, as: 'end-user' });
  }

  /** Loads everything that nobody needs for the first message. */
  loadMore(): void {
    import(this.boot.more).catch(() => setTimeout(() => this.loadMore(), LOAD_AGAIN));
  }

  say(text: string): void {
    this.client!.post(text);
    this.composer.take(text);
    this.unread?.caughtUp();
    this.log.toEnd();
  }

  #update(): void {
    const { status, conversation } = this.client!;
    this.log.changed();
    this.unread?.take();
    const lost = status === 'offline' || (status === 'connecting' && this.#waited);
    tell(byId('net'), lost ? this.t('net.offline') : status === 'removed' ? this.t('removed') : '');
    if (conversation.state === 'ended' && this.boot.state === 'here') location.reload(); // the server has a page for that
  }

  /** End chat asks once, and Escape means no. */
  #endButton(): void {
    const sure = byId<HTMLDialogElement>('sure');
    byId('end').onclick = () => {
      sure.returnValue = '';
      sure.showModal();
    };
    sure.onclose = () => {
      if (sure.returnValue) this.client!.request('end').catch(() => this.composer.trouble(this.t('trouble')));
    };
  }

  #surroundings(): Surroundings {
    return {
      t: this.t,
      lang: this.boot.lang,
      retry: (line: Line) => this.client!.retry(line.key),
      discard: (line: Line) => this.client!.discard(line.key),
    };
  }
}
