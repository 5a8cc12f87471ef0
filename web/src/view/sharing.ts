// The end-user's side of a view: what is shared, with whom, and the way to
// each of them. Consent lives here. Nobody is connected whom the person at
// this page has not allowed, in this page, since it was loaded; nothing that
// the server says can add to that, and stopping asks nobody.

import { codeOf, type Identity, newIdentity, newNonce, sealOf } from './code';
import { Link } from './link';
import { Budget, Marks, shown } from './marks';
import { heard, type Says } from './says';
import { addPicture, encoded, Pace, prefer } from './sending';

export const BREAK = 60_000; // ms that a view may be interrupted before it has to be asked for again
const LOOK_EVERY = 2000; // ms

export interface SharingOptions {
  servers(): Promise<RTCIceServer[]>;
  /** Says something to an agent's page. */
  say(agent: string, said: string): void;
  /** Something looks different now. */
  changed(): void;
  /** An agent points or draws, as often as they like. */
  marked(): void;
  /** An agent has not been reached for BREAK. */
  lost(agent: string): void;
  /** The browser ended the capture. */
  ended(): void;
}

/** The way to one agent's page. */
interface Way {
  page: string;
  seal: string;
  link?: Link;
  video?: RTCRtpTransceiver;
  audio?: RTCRtpTransceiver;
  channel?: RTCDataChannel;
  pace: Pace;
  budget: Budget;
}

export class Sharing {
  /** What is captured; undefined while nothing is. */
  stream?: MediaStream;
  paused = false;
  /** What each agent draws and points at. */
  readonly marks = new Map<string, Marks>();
  /** The comparison codes, by agent, as soon as they are known. */
  readonly codes = new Map<string, string>();

  readonly #allowed = new Map<string, number>(); // agents, and since when they are waited for
  readonly #ways = new Map<string, Way>();
  readonly #slow = new Set<string>();
  #identity?: Promise<Identity>;
  #timer?: ReturnType<typeof setInterval>;

  constructor(private readonly options: SharingOptions) {}

  /** Shows a captured stream from now on, in place of the one before. */
  begin(stream: MediaStream): void {
    const before = this.stream;
    this.stream = stream;
    for (const track of stream.getTracks()) track.onended = () => this.stream === stream && this.options.ended();
    const video = stream.getVideoTracks()[0];
    if (video && video.contentHint === '') video.contentHint = 'detail';
    before?.getTracks().forEach((t) => t.stop());
    this.#identity ??= newIdentity();
    this.#timer ??= setInterval(() => void this.#look(), LOOK_EVERY);
    void this.#load();
    this.options.changed();
  }

  /** Lets an agent see it: the person said so. */
  allow(agent: string): void {
    this.#close(agent);
    this.codes.delete(agent);
    this.#allowed.set(agent, performance.now());
    this.marks.set(agent, new Marks());
  }

  /** Lets an agent see nothing more. */
  dismiss(agent: string): void {
    this.#allowed.delete(agent);
    this.#close(agent);
    this.marks.delete(agent);
    this.codes.delete(agent);
    this.options.changed();
  }

  get allowed(): string[] {
    return [...this.#allowed.keys()];
  }

  /** Sends nothing for a while, or goes on. */
  pause(on: boolean): void {
    this.paused = on;
    void this.#load();
    this.options.changed();
  }

  /** Ends everything, at once. */
  stop(): void {
    this.stream?.getTracks().forEach((t) => t.stop());
    this.stream = undefined;
    this.paused = false;
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const agent of this.allowed) this.dismiss(agent);
    this.options.changed();
  }

  /** Looks for new ways where there is none, as after the network came back. */
  wake(): void {
    for (const { link } of this.#ways.values()) if (link && link.state !== 'connected') void link.restart();
  }

  /** Takes what an agent's page says. */
  async hear(agent: string, text: string): Promise<void> {
    const said = heard(text);
    if (!said || !this.stream || !this.#allowed.has(agent)) return;
    const way = this.#ways.get(agent);
    if (said.k === 'hello') return way?.page === said.page && way.seal === said.seal ? way.link?.remind() : this.#connect(agent, said.page, said.seal);
    if (way?.link && said.page === way.page && (said.k === 'sdp' || said.k === 'ice') && said.link === way.link.options.link) await way.link.hear(said);
  }

  async #connect(agent: string, page: string, seal: string): Promise<void> {
    const before = this.#ways.get(agent);
    if (before && before.page !== page) this.#say(agent, { k: 'bye', page: before.page });
    this.#close(agent);
    const way: Way = { page, seal, pace: new Pace(), budget: new Budget() };
    this.#ways.set(agent, way);
    const own = { ...(await this.#identity!), nonce: newNonce() };
    const link = await Link.open({
      page, link: newNonce(), polite: false, identity: own, nonce: own.nonce,
      servers: this.options.servers,
      say: (said) => this.#say(agent, said),
      moved: () => this.options.changed(),
      trusts: (fingerprint, nonce) => this.#trusts(agent, way, own, fingerprint, nonce),
    }).catch(() => undefined);
    if (!link) return void (this.#ways.get(agent) === way && this.#ways.delete(agent)); // the agent's page says hello again
    if (this.#ways.get(agent) !== way || !this.stream) return link.close();
    way.link = link;
    this.#fill(agent, way, link);
  }

  #fill(agent: string, way: Way, link: Link): void {
    const stream = this.stream!;
    way.channel = link.pc.createDataChannel('marks', { negotiated: true, id: 0 });
    way.channel.onmessage = (e) => way.budget.takes(e.data, performance.now()) && this.#shown(agent, e.data);
    way.video = addPicture(link.pc, this.#track('video'), stream, this.#slow);
    if (stream.getAudioTracks().length) way.audio = link.pc.addTransceiver(this.#track('audio') ?? 'audio', { direction: 'sendonly', streams: [stream] });
  }

  /** Who answers must be who said hello; and the code is known then. */
  async #trusts(agent: string, way: Way, own: Identity, fingerprint: string, nonce: string): Promise<boolean> {
    if (!fingerprint || (await sealOf(fingerprint, nonce)) !== way.seal) return false;
    const code = await codeOf({ fingerprint, nonce }, own);
    if (this.#ways.get(agent) !== way) return false; // it was given up meanwhile
    this.codes.set(agent, code);
    this.options.changed();
    return true;
  }

  #say(agent: string, said: Says): void {
    this.options.say(agent, JSON.stringify(said));
  }

  #shown(agent: string, data: unknown): void {
    const s = shown(data);
    if (s && this.marks.get(agent)?.take(s)) this.options.marked();
  }

  #track(kind: 'video' | 'audio'): MediaStreamTrack | null {
    const [track] = kind === 'video' ? this.stream!.getVideoTracks() : this.stream!.getAudioTracks();
    return this.paused ? null : (track ?? null);
  }

  /** Puts what is captured now onto every way, or nothing while paused. */
  async #load(): Promise<void> {
    if (!this.stream) return;
    const swaps = [...this.#ways.values()].flatMap(({ video, audio }) => [
      video?.sender.replaceTrack(this.#track('video')), audio?.sender.replaceTrack(this.#track('audio')),
    ]);
    await Promise.all(swaps).catch(() => undefined); // a way that is being closed
  }

  #close(agent: string): void {
    this.#ways.get(agent)?.link?.close();
    this.#ways.delete(agent);
  }

  async #look(): Promise<void> {
    const now = performance.now();
    for (const [agent, since] of this.#allowed) {
      const link = this.#ways.get(agent)?.link;
      if (link?.state === 'connected') this.#allowed.set(agent, now);
      else if (now - since > BREAK) this.options.lost(agent);
    }
    for (const { video, pace, link } of this.#ways.values()) {
      if (!video || link?.state !== 'connected' || this.paused) continue;
      const seen = await encoded(video.sender).catch(() => undefined);
      const slow = seen && pace.look(seen);
      if (slow && !this.#slow.has(slow)) await this.#avoid(slow); // else there is none that is faster
    }
  }

  /** Sends by another codec than one that this machine can't keep up with. */
  async #avoid(codec: string): Promise<void> {
    this.#slow.add(codec);
    for (const { video, link } of this.#ways.values()) {
      if (!video || !link) continue;
      prefer(video, this.#slow);
      await link.negotiate();
    }
  }
}
