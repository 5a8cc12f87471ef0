// The agent's look at an end-user's screen, as the session's screen needs it:
// what the log says, the way to the picture, and the tool in the hand.

import { signal } from '@preact/signals';
import type { Shape } from '../../view/marks';
import { relayServers } from '../../view/servers';
import { foldView, type ViewState } from '../../view/state';
import { Watching } from '../../view/watching';
import type { Talk } from '../session/room';

export type Tool = 'hand' | 'laser' | 'control' | Shape;

/** What Watching is to the screen; the gallery gives its own. */
export type Picture = Pick<Watching, 'state' | 'stream' | 'code' | 'marks' | 'watch' | 'unwatch' | 'take' | 'wake' | 'show' | 'hear' | 'figures'>;

export class Looking {
  /** Grows with every change of the picture or of what is drawn on it. */
  readonly changed = signal(0);
  readonly tool = signal<Tool>('hand');
  /** How large: fitted, or so many screen pixels for each of the picture. */
  readonly zoom = signal<'fit' | number>('fit');
  readonly figures = signal(false);
  readonly picture: Picture;
  #folded = -1;
  #state = foldView([]);
  #status = '';
  readonly #wake = () => this.picture.wake();

  constructor(session: string, private readonly talk: Talk, picture?: Picture) {
    this.picture = picture ?? new Watching({
      servers: () => relayServers(session),
      say: (to, said) => talk.signal({ type: 'rtc', participant: to, rtc: said }),
      changed: () => this.changed.value++,
    });
    talk.onRTC = (by, said) => void this.picture.hear(by, said);
    addEventListener('online', this.#wake);
  }

  /** What the log says. */
  get state(): ViewState {
    const { views, ended } = this.talk.conversation;
    const size = ended ? -2 : views.length;
    if (size !== this.#folded) {
      this.#folded = size;
      this.#state = foldView(views, !!ended);
    }
    return this.#state;
  }

  /** The agent's own request, while it waits for an answer. */
  get asked() {
    return this.state.asks.find((a) => a.agent === this.talk.you);
  }

  /** Says whether the agent may see the screen now. */
  get allowed(): boolean {
    return this.state.watchers.includes(this.talk.you);
  }

  /** Follows what the log says. */
  look(): void {
    if (!this.talk.you) return;
    if (this.talk.status === 'online' && this.#status !== 'online') this.picture.wake();
    this.#status = this.talk.status;
    const out = this.talk.status === 'signed-out' || this.talk.status === 'removed'; // this page hears of no end any more
    if (this.allowed && !out) this.picture.watch(this.state.endUser, this.state.grants[this.talk.you]!);
    else if (this.picture.state !== 'off') {
      this.picture.unwatch();
      this.tool.value = 'hand';
      this.zoom.value = 'fit';
    }
  }

  close(): void {
    removeEventListener('online', this.#wake);
    this.talk.onRTC = undefined;
    this.picture.unwatch();
  }
}
