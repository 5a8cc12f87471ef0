// The agent's control of an end-user's computer, as the session's screen needs
// it: what the log says, the way to the helper, the keyboard, and what the two
// clipboards hand over.

import { type Content, digestOf } from '../../control/clips';
import { type ControlState, foldControl } from '../../control/state';
import { type Given, Steering } from '../../control/steering';
import { Typist } from '../../control/typist';
import type { Talk } from '../session/room';
import { t } from '../say';
import { announce, complain, warn } from '../ui/notice';

const SHARED = 'deskside control clipboard'; // whether the agent's clipboard goes along, in this browser

export class Controlling {
  readonly steering: Steering;
  readonly typist: Typist;
  /** How many buttons of the mouse are down. */
  buttons = 0;
  #folded = -1;
  #state: ControlState = foldControl([]);
  #allowed = false;
  #last = ''; // what went or came last, so that it does not come back
  #giving: Promise<Given> = Promise.resolve('said'); // that
  #asked = false;
  #share = false;

  constructor(session: string, private readonly talk: Talk, private readonly changed: () => void) {
    const url = new URL(`/api/sessions/${session}/control`, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    this.steering = new Steering({
      url: url.href,
      changed: () => this.#steered(),
      notice: (why) => warn(t(`control.notice.${why}`)),
      clipboard: (content) => void this.#come(content),
    });
    this.typist = new Typist({ say: (...m) => this.steering.say(...m), mac: /Mac/.test(navigator.platform) });
    this.steering.holds = () => this.typist.holds || this.buttons > 0;
    this.#share = localStorage.getItem(SHARED) === 'on';
  }

  /** What the log says. */
  get state(): ControlState {
    const { views, ended } = this.talk.conversation;
    const size = ended ? -2 : views.length;
    if (size !== this.#folded) {
      this.#folded = size;
      this.#state = foldControl(views, !!ended);
    }
    return this.#state;
  }

  /** Whether the agent asks for control, or has it. */
  get mine(): boolean {
    return this.state.phase !== '' && this.state.agent === this.talk.you;
  }

  get allowed(): boolean {
    return this.mine && this.state.phase === 'on';
  }

  /** Whether what is done on the picture is carried out now. */
  get on(): boolean {
    return this.allowed && this.steering.mode === 'on';
  }

  /** Whether what is copied on one side is handed to the other by itself. */
  get shares(): boolean {
    return this.#share && this.steering.clipboard;
  }

  set shares(on: boolean) {
    this.#share = on;
    localStorage.setItem(SHARED, on ? 'on' : 'off');
    this.changed();
  }

  /** Follows what the log says; true where control begins or ends with it. */
  look(): boolean {
    const { allowed } = this;
    if (allowed === this.#allowed) return false;
    this.#allowed = allowed;
    if (allowed) this.steering.begin();
    else {
      this.letGo();
      this.steering.end();
    }
    announce(t(allowed ? 'control.begins' : 'control.ends'));
    return true;
  }

  /** Whoever can't steer now does not learn which keys go up meanwhile. */
  #steered(): void {
    if (!this.on) this.letGo();
    this.changed();
  }

  /** Lets go of every key and button. */
  letGo(): void {
    if (this.buttons) this.steering.say({ k: 'release' });
    this.buttons = 0;
    this.typist.release();
  }

  /** Hands over what the agent copied, unless it is what went or came last; false where it was lost on the way. */
  async give(content: Content, asked: boolean): Promise<boolean> {
    const digest = await digestOf(content);
    if (asked || digest !== this.#last) {
      this.#last = digest;
      this.#giving = this.steering.send(content);
    }
    const given = await this.#giving;
    if (given === 'lost') this.#last = '';
    else if (given === 'too-large') warn(t('control.notice.too-large'));
    else if (asked) announce(t('control.given'));
    return given !== 'lost';
  }

  /** Hands over what the agent's clipboard holds, by their press. */
  async giveClipboard(): Promise<void> {
    try {
      const content = await read();
      if (content) await this.give(content, true);
      else warn(t('control.notice.empty'));
    } catch (e) {
      complain(e);
    }
  }

  /** Asks for what the end-user's clipboard holds. */
  fetchClipboard(): void {
    this.#asked = true;
    this.steering.say({ k: 'fetch' });
  }

  /** Types what the agent's clipboard holds, where the end-user can't paste. */
  async typeClipboard(): Promise<void> {
    try {
      this.typist.text(await navigator.clipboard.readText());
    } catch (e) {
      complain(e);
    }
  }

  close(): void {
    this.steering.end();
  }

  async #come(content: Content): Promise<void> {
    if (!this.#asked && !this.#share) return;
    const asked = this.#asked;
    this.#asked = false;
    this.#last = await digestOf(content);
    this.#giving = Promise.resolve('said');
    try {
      await (typeof content === 'string' ? navigator.clipboard.writeText(content) : navigator.clipboard.write([new ClipboardItem({ 'image/png': content })]));
      if (asked) announce(t('control.came'));
    } catch (e) {
      if (asked) complain(e);
    }
  }
}

/** What this computer's clipboard holds: a picture, or text. */
async function read(): Promise<Content | undefined> {
  if (!('read' in navigator.clipboard)) return (navigator.clipboard as Clipboard).readText();
  for (const item of await navigator.clipboard.read()) {
    const type = ['image/png', 'text/plain'].find((wanted) => item.types.includes(wanted));
    if (!type) continue;
    const blob = await item.getType(type);
    return type === 'image/png' ? blob : blob.text();
  }
  return undefined;
}
