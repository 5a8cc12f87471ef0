// The chat itself: ties the client of the protocol to the page.

import type { Line, Surroundings } from './bubble';
import type { Boot } from './boot';
import { Composer } from './composer';
import { byId, show, tell } from './dom';
import { showEnd } from './ended';
import { Lines } from './lines';
import { Log } from './log';
import { Status } from './status';
import { Unread } from './unread';
import { Client } from '../lib/client';
import type { Translate } from '../lib/text';

declare global {
  /** The chat, for more.ts, which is a bundle of its own. */
  var desksideChat: Chat | undefined;
}

export class Chat {
  /** The session's client; missing until this page takes part. */
  client?: Client;
  readonly composer: Composer;
  readonly log: Log;
  readonly around: Surroundings;
  unread?: Unread;
  private lines?: Lines;
  private status?: Status;
  private over = false;

  constructor(readonly boot: Boot, readonly t: Translate, start: (act: Event, first?: string) => void) {
    this.composer = new Composer({
      send: (text, act) => (this.client ? this.say(text) : start(act, text)),
      typing: (on) => this.client?.setTyping(on),
      tooLong: (n) => t('long', { n }),
    });
    this.around = this.surroundings();
    this.log = new Log(byId('log'), byId('earlier'), byId('scroll'), this.around, () => this.unread?.look());
    this.endButton();
  }

  /** Takes part from now on, or shows what was said where it is over. */
  begin(): void {
    const { boot } = this;
    show(boot.state);
    byId('end').hidden = boot.state === 'ended';
    this.composer.move(`/s/${boot.session}`);
    const client = (this.client = new Client({ session: boot.session!, as: 'end-user' }));
    const lines = (this.lines = new Lines(client, boot, this.t));
    this.unread = new Unread(client, this.log, lines, this.t);
    this.status = new Status(client, lines, boot, this.t);
    this.log.open(lines);
    client.subscribe(() => this.update());
    // Everything that nobody needs for the first message.
    globalThis.desksideChat = this;
    import(boot.more).catch(() => undefined); // the chat works without
  }

  say(text: string): void {
    this.client!.post(text);
    this.composer.clear();
    this.unread!.caughtUp();
    this.log.toEnd();
  }

  private update(): void {
    this.log.changed();
    this.unread!.take();
    this.status!.update();
    if (this.client!.conversation.state === 'ended') this.end();
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    const live = this.boot.state === 'here';
    show((this.boot.state = 'ended'));
    byId('end').hidden = true;
    byId<HTMLDialogElement>('sure').close();
    document.title = this.t('ended.title');
    showEnd(this.client!, this.lines!, this.boot, this.t);
    if (live) byId('over-heading').focus();
  }

  /** End chat asks once, and Escape means no. */
  private endButton(): void {
    const sure = byId<HTMLDialogElement>('sure');
    byId('end').onclick = () => {
      sure.returnValue = '';
      sure.showModal();
    };
    sure.onclose = () => {
      if (sure.returnValue !== 'end' || this.over) return;
      this.client!.request('end', {}).catch(() => tell(byId('net'), this.t('trouble')));
    };
  }

  private surroundings(): Surroundings {
    return {
      t: this.t,
      lang: this.boot.lang,
      retry: (line: Line) => this.client!.retry(line.key),
      discard: (line: Line) => this.client!.discard(line.key),
    };
  }
}
