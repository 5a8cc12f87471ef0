// One connection between two pages: perfect negotiation (W3C WebRTC, 10.7),
// trickled candidates, and a new way when the old one is lost. It knows
// nothing of what is carried.

import { fingerprintOf, type Identity } from './code';
import type { Says } from './says';

const RESTART_AFTER = 1500; // ms that a broken connection gets to come back by itself
const RESTART_AGAIN = 5000; // ms between two tries to find another way

export interface LinkOptions {
  page: string;
  link: string;
  /** Gives way where both ends offer at once. */
  polite: boolean;
  identity: Identity;
  nonce: string;
  /** How to reach the relay, asked for each time. */
  servers(): Promise<RTCIceServer[]>;
  say(said: Says): void;
  /** The connection works, is broken, or works again. */
  moved(state: LinkState): void;
  /** Says whether the other end may be who it says; the description tells its certificate. */
  trusts?(fingerprint: string, nonce: string): Promise<boolean>;
}

export type LinkState = 'connecting' | 'connected' | 'broken' | 'closed';

export class Link {
  state: LinkState = 'connecting';
  /** Since when it has not worked, by the page's clock; 0 while it does. */
  brokenSince = performance.now();
  #making = false;
  #ignoring = false;
  #early: RTCIceCandidateInit[] = [];
  #work: Promise<unknown> = Promise.resolve();
  #timer?: ReturnType<typeof setTimeout>;

  private constructor(readonly pc: RTCPeerConnection, readonly options: LinkOptions) {
    pc.onnegotiationneeded = () => void this.negotiate();
    pc.onicecandidate = (e) => e.candidate && this.#say({ k: 'ice', ...this.#ids, ice: e.candidate.toJSON() });
    pc.onconnectionstatechange = () => this.#look();
    pc.oniceconnectionstatechange = () => this.#look();
  }

  static async open(options: LinkOptions): Promise<Link> {
    const iceServers = await options.servers();
    return new Link(new RTCPeerConnection({ iceServers, certificates: [options.identity.certificate], bundlePolicy: 'max-bundle' }), options);
  }

  /** Offers what there is to carry. */
  async negotiate(): Promise<void> {
    if (this.state === 'closed') return;
    try {
      this.#making = true;
      await this.pc.setLocalDescription();
      this.#describe();
    } catch (e) {
      if (this.pc.signalingState !== 'closed') throw e;
    } finally {
      this.#making = false;
    }
  }

  /** Says again what waits for an answer: it may be lost. */
  remind(): void {
    if (this.pc.signalingState === 'have-local-offer') this.#describe();
  }

  /** Takes what the other page says, one after the other. */
  hear(said: Says): Promise<void> {
    const done = this.#work.then(() => this.#take(said));
    this.#work = done.catch(() => undefined);
    return done;
  }

  /** Looks for another way, as after the network changed. */
  async restart(): Promise<void> {
    if (this.state === 'closed') return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.restart(), RESTART_AGAIN);
    const iceServers = await this.options.servers().catch(() => undefined); // who is offline tries with the old
    if (this.pc.signalingState === 'closed') return;
    if (iceServers) this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers });
    this.pc.restartIce();
    if (this.pc.signalingState === 'have-local-offer') await this.negotiate(); // that offer may be lost, and is of the way before
  }

  close(): void {
    this.state = 'closed';
    clearTimeout(this.#timer);
    this.pc.onconnectionstatechange = this.pc.oniceconnectionstatechange = null;
    this.pc.close();
  }

  get #ids(): { page: string; link: string } {
    return { page: this.options.page, link: this.options.link };
  }

  #say(said: Says): void {
    if (this.state !== 'closed') this.options.say(said);
  }

  #describe(): void {
    const { type, sdp } = this.pc.localDescription!;
    if (type === 'offer' || type === 'answer') this.#say({ k: 'sdp', ...this.#ids, nonce: this.options.nonce, sdp: { type, sdp } });
  }

  async #take(said: Says): Promise<void> {
    if (this.state === 'closed') return;
    if (said.k === 'ice') return this.#candidate(said.ice);
    if (said.k === 'sdp') return this.#description(said.sdp, said.nonce);
  }

  async #description(sdp: RTCSessionDescriptionInit, nonce: string): Promise<void> {
    const { pc, options } = this;
    const glare = sdp.type === 'offer' && (this.#making || pc.signalingState !== 'stable');
    this.#ignoring = !options.polite && glare;
    if (this.#ignoring || (sdp.type === 'answer' && pc.signalingState !== 'have-local-offer')) return;
    if (options.trusts && !(await options.trusts(fingerprintOf(sdp.sdp!), nonce))) return this.close();
    await pc.setRemoteDescription(sdp);
    for (const ice of this.#early.splice(0)) await this.#candidate(ice);
    if (sdp.type === 'offer') {
      await pc.setLocalDescription();
      this.#describe();
    }
  }

  async #candidate(ice: RTCIceCandidateInit): Promise<void> {
    if (!this.pc.remoteDescription) return void this.#early.push(ice);
    try {
      await this.pc.addIceCandidate(ice);
    } catch (e) {
      if (!this.#ignoring && ice.usernameFragment === undefined) throw e; // else it is of an offer that was ignored, or of the way before
    }
  }

  #look(): void {
    const { connectionState, iceConnectionState } = this.pc;
    if (connectionState === 'connected' && iceConnectionState !== 'disconnected') {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.brokenSince = 0;
      this.#become('connected');
    } else if (connectionState === 'disconnected' || connectionState === 'failed' || iceConnectionState === 'disconnected') {
      this.brokenSince ||= performance.now();
      this.#become('broken');
      this.#timer ??= setTimeout(() => void this.restart(), connectionState === 'failed' ? 0 : RESTART_AFTER);
    }
  }

  #become(state: LinkState): void {
    if (this.state === state || this.state === 'closed') return;
    this.state = state;
    this.options.moved(state);
  }
}
