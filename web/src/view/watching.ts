// The agent's side of a view: finds its way to the end-user's page, again and
// again until it is there, and has the picture.

import { codeOf, type Identity, newIdentity, newNonce, sealOf } from './code';
import { type Figures, figuresOf } from './figures';
import { Link } from './link';
import { Marks, type Showing } from './marks';
import { heard, type Says } from './says';

const HELLO_EVERY = 2000; // ms
const GIVE_UP = 15_000; // ms after which a connection that does not work is made anew

export interface WatchingOptions {
  servers(): Promise<RTCIceServer[]>;
  /** Says something to the end-user's page. */
  say(endUser: string, said: string): void;
  changed(): void;
}

/**
 * off: nothing to see. connecting: not yet. live: the picture is there.
 * broken: it was. elsewhere: another page of the same agent has it.
 */
export type WatchingState = 'off' | 'connecting' | 'live' | 'broken' | 'elsewhere';

export class Watching {
  state: WatchingState = 'off';
  /** What is seen and heard. */
  readonly stream = new MediaStream();
  /** The comparison code; '' until it is known. */
  code = '';
  /** What this page shows on the picture. */
  readonly marks = new Marks();

  readonly #page = newNonce();
  #endUser = '';
  #grant = 0;
  #identity?: Promise<Identity>;
  #own?: Identity; // with the nonce of this connection
  #link?: Link;
  #channel?: RTCDataChannel;
  #timer?: ReturnType<typeof setInterval>;
  #work: Promise<unknown> = Promise.resolve(); // what is heard goes after
  #since = 0; // when this connection was asked for

  constructor(private readonly options: WatchingOptions) {}

  /** Looks at what an end-user shows; grant is the event that allowed it. */
  watch(endUser: string, grant: number): void {
    if (this.#grant === grant && this.state !== 'off') return;
    this.unwatch();
    this.#endUser = endUser;
    this.#grant = grant;
    void this.#begin('connecting');
  }

  /** Takes the picture back from another page. */
  take(): void {
    if (this.state === 'elsewhere') void this.#begin('connecting');
  }

  unwatch(): void {
    this.#drop();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#endUser = this.code = '';
    Object.assign(this.marks, new Marks());
    this.#become('off');
  }

  /** Looks for a new way where there is none, as after the network came back. */
  wake(): void {
    if (this.#link && this.#link.state !== 'connected') void this.#link.restart();
    else if (!this.#link && this.state !== 'off') this.#hello();
  }

  /** Shows something on the picture, to both. */
  show(s: Showing): void {
    if (s.k === 'draw' && s.from > 0) this.marks.take({ ...s, mark: { ...s.mark, points: [...s.mark.points] } });
    else this.marks.take(s);
    if (this.#channel?.readyState === 'open') this.#channel.send(JSON.stringify(s));
    this.options.changed();
  }

  /** What the connection does just now; undefined while there is none. */
  figures(): Promise<Figures | undefined> {
    return this.#link?.state === 'connected' ? figuresOf(this.#link.pc) : Promise.resolve(undefined);
  }

  /** Takes what an end-user's page says, one after the other: making a connection takes a while. */
  hear(from: string, text: string): Promise<void> {
    const done = this.#work.then(() => this.#take(from, text));
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #take(from: string, text: string): Promise<void> {
    const said = heard(text);
    if (!said || from !== this.#endUser || said.page !== this.#page) return;
    if (said.k === 'bye') return this.#elsewhere();
    if (said.k !== 'sdp' && said.k !== 'ice') return;
    if (said.link !== this.#link?.options.link) {
      if (said.k !== 'sdp' || said.sdp.type !== 'offer' || !this.#own) return;
      await this.#answer(said.link);
    }
    if (said.link === this.#link?.options.link) await this.#link.hear(said);
  }

  async #begin(state: WatchingState): Promise<void> {
    this.#drop();
    this.#become(state);
    this.#identity ??= newIdentity();
    const own = { ...(await this.#identity), nonce: newNonce() };
    if (this.state === 'off') return;
    this.#own = own;
    this.#since = performance.now();
    this.#hello();
    this.#timer ??= setInterval(() => this.#look(), HELLO_EVERY);
  }

  #hello(): void {
    const own = this.#own;
    if (own) void sealOf(own.fingerprint, own.nonce).then((seal) => own === this.#own && this.#say({ k: 'hello', page: this.#page, seal }));
  }

  async #answer(name: string): Promise<void> {
    this.#link?.close();
    const own = this.#own!;
    this.#link = undefined;
    const link = await Link.open({
      page: this.#page, link: name, polite: true, identity: own, nonce: own.nonce,
      servers: () => this.options.servers().catch(() => []), // a direct way needs none
      say: (said) => this.#say(said),
      moved: () => this.#moved(link),
      trusts: (fingerprint, nonce) => this.#trusts(link, own, fingerprint, nonce),
    });
    if (own !== this.#own) return link.close();
    this.#link = link;
    const tracks: MediaStreamTrack[] = [];
    link.pc.ontrack = (e) => {
      tracks.push(e.track);
      for (const t of this.stream.getTracks()) if (!tracks.includes(t)) this.stream.removeTrack(t);
      this.stream.addTrack(e.track);
      this.options.changed();
    };
    this.#channel = link.pc.createDataChannel('marks', { negotiated: true, id: 0 });
    this.#channel.onopen = () => this.#showAll();
  }

  #pinned?: { link: Link; fingerprint: string; nonce: string };

  /** The other end of one connection stays the same; the code says who it is. */
  async #trusts(link: Link, own: Identity, fingerprint: string, nonce: string): Promise<boolean> {
    if (!fingerprint) return false;
    if (this.#pinned?.link === link) return this.#pinned.fingerprint === fingerprint && this.#pinned.nonce === nonce;
    this.#pinned = { link, fingerprint, nonce };
    const code = await codeOf(own, { fingerprint, nonce });
    if (this.#link !== link) return false; // it was given up meanwhile
    this.code = code;
    this.options.changed();
    return true;
  }

  /** Shows what is drawn here, and nothing else: this page, or the other, may be new. */
  #showAll(): void {
    const all: Showing[] = [
      { k: 'clear' }, { k: 'laser', at: this.marks.laser }, { k: 'freeze', on: this.marks.frozen },
      ...this.marks.marks.map((mark) => ({ k: 'draw', mark, from: 0 }) as const),
    ];
    for (const s of all) this.#channel!.send(JSON.stringify(s));
  }

  #moved(link: Link): void {
    if (link !== this.#link) return;
    if (link.state === 'connected') this.#become('live');
    else if (link.state === 'broken' && this.state === 'live') this.#become('broken');
  }

  /** Says hello until there is an answer, and begins anew where that leads nowhere. */
  #look(): void {
    if (this.state === 'elsewhere' || this.#link?.state === 'connected') return;
    const since = this.#link?.brokenSince || this.#since;
    if (this.#link && performance.now() - Math.max(since, this.#since) > GIVE_UP) void this.#begin(this.state === 'live' ? 'broken' : this.state);
    else if (!this.#link) this.#hello();
  }

  #elsewhere(): void {
    this.#drop();
    this.#become('elsewhere');
  }

  #drop(): void {
    this.#own = undefined;
    this.#link?.close();
    this.#link = undefined;
    this.#channel = undefined;
  }

  #say(said: Says): void {
    this.options.say(this.#endUser, JSON.stringify(said));
  }

  #become(state: WatchingState): void {
    if (state === 'off' || state === 'elsewhere') for (const t of this.stream.getTracks()) this.stream.removeTrack(t);
    this.state = state;
    this.options.changed();
  }
}
