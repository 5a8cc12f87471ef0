// The bundle view.js: the end-user shows their screen or camera. Card, bar
// and preview hang together here; what is sent to whom is in view/sharing.ts.

import { Control } from './control';
import { Ask } from './view-ask';
import { Bar } from './view-bar';
import { Preview } from './view-preview';
import type { Chat } from './chat';
import { stay } from '../lib/filewords';
import type { Translate } from '../lib/text';
import { captureCamera, type Captured, captureScreen } from '../view/capture';
import { covers, type Offer, offerOf } from '../view/consent';
import { relayServers } from '../view/servers';
import { Sharing } from '../view/sharing';
import { type Ask as Asked, foldView, type ViewState } from '../view/state';
import de from '../../texts/view.de.json';
import en from '../../texts/view.en.json';

type Why = 'end-user' | 'browser' | 'lost' | 'reload';

const HANDED_ON = 3000; // ms in which the page that showed something says itself that it ended, or is loaded again

/** Which request it is: a page that is loaded again makes several at once. */
const keyOf = (a: Asked) => `${a.seq} ${a.agent}`;

/** Begins to follow what agents ask to see. */
export function begin(chat: Chat, t: Translate): void {
  Object.assign(chat.boot.texts, { en, de }[chat.boot.lang]);
  new View(chat, t);
}

export class View {
  readonly sharing: Sharing;
  readonly #ask: Ask;
  readonly #bar: Bar;
  readonly #preview: Preview;
  readonly control: Control;
  readonly #granting = new Map<string, number>(); // agents whose grant this page's log does not have yet, with its number
  readonly #answered = new Set<string>(); // the requests that this page has answered
  readonly #abandoned = new Set<string>(); // those that a page which is gone was choosing for
  /** What is shown, as this page knows before the log does. */
  surface: Captured['surface'] = 'unknown';
  #choosing = false;
  #holding?: AbortController; // aborted to let go of the lock
  #minding = false;
  #looked = false;
  #status = '';

  constructor(readonly chat: Chat, readonly t: Translate) {
    const client = chat.client!;
    const { session } = chat.boot;
    this.sharing = new Sharing({
      servers: () => relayServers(session!, 'end-user'),
      say: (agent, said) => client.signal({ type: 'rtc', participant: agent, rtc: said }),
      changed: () => this.#draw(),
      marked: () => this.#preview.soon(),
      lost: (agent) => this.#lost(agent),
      ended: () => this.stop('browser'),
    });
    this.#ask = new Ask(this);
    this.#bar = new Bar(this);
    this.#preview = new Preview(this);
    this.control = new Control(this);
    client.onRTC = (by, said) => void (by === client.you ? this.control.aim(said) : this.sharing.hear(by, said));
    client.subscribe(() => this.#look());
    addEventListener('online', () => this.sharing.wake());
    this.#look();
  }

  /** What the log says. */
  get state(): ViewState {
    const { views, ended } = this.chat.client!.conversation;
    return foldView(views, !!ended);
  }

  /** The agents who see what is shown, by this page's own knowledge. */
  get watchers(): string[] {
    return this.sharing.stream ? this.sharing.allowed : [];
  }

  get #sound(): boolean {
    return !!this.sharing.stream?.getAudioTracks().length;
  }

  name(agent: string): string {
    return this.chat.lines!.name(agent);
  }

  /** What a yes to a request gives just now. */
  offer(asked: Asked): Offer {
    const { stream, allowed } = this.sharing;
    return offerOf(asked, { on: !!stream, surface: this.surface, allowed });
  }

  /** The person said yes to what the card offered: they choose what to show, or show what they show already. */
  async yes(asked: Asked, offer: Offer): Promise<void> {
    if (offer !== this.offer(asked)) return this.#draw(); // the card is drawn anew, and says what it is now
    this.#answered.add(keyOf(asked));
    if (offer === 'more') return this.#grant(asked.agent);
    this.#draw(); // without the card: a second press would open a second picker
    this.request('choose-view', { participant: asked.agent });
    this.#choosing = true;
    this.#hold();
    const captured = await (asked.camera ? captureCamera() : captureScreen(asked.sound));
    this.#choosing = false;
    if (typeof captured === 'string') this.no(asked, captured);
    else if (this.state.asks.some((a) => a.agent === asked.agent)) await this.#show(asked.agent, captured);
    else discard(captured); // taken back meanwhile, or the session is over
    this.#look();
  }

  /** The person shares a whole screen with an agent whose control they prepare for; says why not. */
  async whole(agent: string): Promise<'picker' | 'unable' | undefined> {
    const captured = await captureScreen(false, true);
    if (typeof captured === 'string') return captured;
    if (this.control.state.agent === agent) await this.#show(agent, captured);
    else discard(captured); // taken back meanwhile
    return undefined;
  }

  /** The person said no, or chose nothing. */
  no(asked: Asked, why: 'not-now' | 'picker' | 'unable'): void {
    this.#answered.add(keyOf(asked));
    this.request('decline-view', { participant: asked.agent, why });
    if (why === 'unable') this.chat.composer.trouble(this.t('view.unable', { surface: asked.camera ? 'camera' : 'monitor' }));
    this.#draw();
  }

  pause(on: boolean): void {
    this.sharing.pause(on);
    this.request('pause-view', { on });
  }

  /** Ends what is shared, here and now; the server learns of it when it can. */
  stop(why: Why): void {
    if (!this.sharing.stream) return;
    this.sharing.stop();
    this.#over();
    this.request('stop-view', { why });
  }

  /** Stops, and tells the administrators. */
  report(): void {
    this.stop('end-user');
    this.control.no();
    for (const asked of this.state.asks) if (asked.of === this.chat.client!.you) this.no(asked, 'not-now');
    this.request('report', {});
  }

  /** Shows another camera. */
  async turn(facing: 'environment' | 'user'): Promise<void> {
    const { stream } = this.sharing;
    stream?.getVideoTracks().forEach((track) => track.stop()); // many phones open one camera at a time
    const captured = await captureCamera(facing);
    const still = !!stream && this.sharing.stream === stream; // it may have been stopped meanwhile
    if (typeof captured === 'string') {
      if (still) this.stop('browser');
    } else if (still) this.sharing.begin(captured.stream);
    else discard(captured);
  }

  async #show(agent: string, captured: Captured): Promise<void> {
    const scope = { surface: captured.surface, sound: !!captured.stream.getAudioTracks().length };
    if (!covers({ surface: this.surface, sound: this.#sound }, scope)) {
      for (const other of this.watchers) if (other !== agent) this.#dismiss(other); // they were allowed something else
    }
    this.surface = captured.surface;
    this.sharing.begin(captured.stream);
    this.#hold();
    addEventListener('beforeunload', stay);
    await this.#grant(agent);
  }

  async #grant(agent: string): Promise<void> {
    if (!this.sharing.allowed.includes(agent)) this.sharing.allow(agent);
    this.#granting.set(agent, Infinity);
    this.#draw();
    try {
      const { seq } = await this.chat.client!.request('grant-view', { participant: agent, surface: this.surface, on: this.#sound });
      this.#granting.set(agent, seq);
    } catch {
      this.chat.composer.trouble(this.t('view.late')); // the request is gone: so is the permission
      this.#granting.delete(agent);
      this.sharing.dismiss(agent);
    }
    this.#look();
  }

  #lost(agent: string): void {
    this.#dismiss(agent, 'lost');
    this.#idle();
  }

  #dismiss(agent: string, why: Why = 'end-user'): void {
    this.sharing.dismiss(agent);
    this.request('stop-view', { participant: agent, why });
  }

  request(type: string, fields: object): void {
    this.chat.client!.request(type, fields).catch(() => undefined); // what it asks for is so already, or the session is over
  }

  /** Looks what the log says that this page has not heard of. */
  #look(): void {
    const client = this.chat.client!;
    if (client.status === 'online' && this.#status !== 'online') this.sharing.wake();
    this.#status = client.status;
    if (client.conversation.ended && this.sharing.stream) {
      this.sharing.stop();
      this.#over();
    }
    if (!client.caughtUp) return;
    if (!this.#looked) void this.#loadedAgain();
    this.#looked = true;
    this.#letGo();
    void this.#mind();
    const { watchers } = this.state;
    for (const [agent, seq] of this.#granting) if (seq <= client.conversation.number) this.#granting.delete(agent);
    for (const agent of this.sharing.allowed) {
      if (!watchers.includes(agent) && !this.#granting.has(agent)) this.sharing.dismiss(agent);
    }
    this.#idle();
    this.#draw();
  }

  /** Stops capturing what nobody may see any more. */
  #idle(): void {
    if (!this.sharing.stream || this.sharing.allowed.length) return;
    this.sharing.stop();
    this.#over();
  }

  /** The log says that this person shows something, and it is not this page that does, or has to say that it stopped. */
  get #shownElsewhere(): boolean {
    return this.state.endUser === this.chat.client!.you && !this.#holding;
  }

  /** What the log says to be shown or chosen, and no page shows or chooses, ended with the page that did. */
  async #loadedAgain(): Promise<void> {
    const choosing = this.state.asks.filter((a) => a.of === this.chat.client!.you && a.choosing);
    if (!choosing.length && !this.#shownElsewhere) return;
    const { held = [] } = await navigator.locks.query();
    if (held.some((lock) => lock.name === this.#lockName)) return;
    for (const asked of choosing) this.#abandoned.add(keyOf(asked));
    if (this.#shownElsewhere) this.request('stop-view', { why: 'reload' });
    this.#draw();
  }

  /** Waits for the page that shows something to let go of it: one that was closed can't say so. */
  async #mind(): Promise<void> {
    if (this.#minding || !this.#shownElsewhere) return;
    this.#minding = true;
    await navigator.locks.request(this.#lockName, async () => {
      await new Promise((done) => setTimeout(done, HANDED_ON));
      if (this.#shownElsewhere) this.request('stop-view', { why: 'browser' });
    });
    this.#minding = false;
  }

  get #lockName(): string {
    return `view ${this.chat.boot.session}`;
  }

  /** Lets this person's other pages know that this one shows something, or is choosing. */
  #hold(): void {
    if (this.#holding) return;
    const { signal } = (this.#holding = new AbortController());
    void navigator.locks.request(this.#lockName, () => new Promise<void>((done) => {
      if (signal.aborted) done();
      else signal.addEventListener('abort', () => done());
    }));
  }

  /** Lets go once the log, too, says that nothing is shown. */
  #letGo(): void {
    if (this.#choosing || this.sharing.stream || this.state.endUser === this.chat.client!.you) return;
    this.#holding?.abort();
    this.#holding = undefined;
  }

  #over(): void {
    removeEventListener('beforeunload', stay);
    this.#draw();
  }

  #draw(): void {
    const { state } = this;
    const asked = state.asks.find((a) => a.of === this.chat.client!.you && (!a.choosing || this.#abandoned.has(keyOf(a))) && !this.#answered.has(keyOf(a)));
    this.#ask.show(asked);
    this.#bar.show();
    this.#preview.show();
    this.control.show();
  }
}

/** Ends a capture that nobody is to see. */
function discard({ stream }: Captured): void {
  stream.getTracks().forEach((track) => track.stop());
}
