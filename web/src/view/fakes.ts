// Browsers that connect in no time, for the tests: a connection works as soon
// as an offer has been answered. Bundled with tests only.

import { createHash } from 'node:crypto';
import { settled } from '../lib/fakes';
import { Sharing } from './sharing';
import { Watching } from './watching';

export class FakeTrack {
  stopped = false;
  contentHint = '';
  onended: unknown = null;
  constructor(readonly kind = 'video') {}
  stop(): void {
    this.stopped = true;
  }
}

export class FakeStream {
  constructor(readonly tracks: FakeTrack[] = []) {}
  getTracks = () => [...this.tracks];
  getVideoTracks = () => this.tracks.filter((t) => t.kind === 'video');
  getAudioTracks = () => this.tracks.filter((t) => t.kind === 'audio');
  addTrack = (t: FakeTrack) => void this.tracks.push(t);
  removeTrack = (t: FakeTrack) => void this.tracks.splice(this.tracks.indexOf(t), 1);
}

/** What is captured: a picture, and perhaps its sound. */
export const captured = (sound = false) => new FakeStream([new FakeTrack(), ...(sound ? [new FakeTrack('audio')] : [])]) as unknown as MediaStream & FakeStream;

class FakeSender {
  constructor(public track: FakeTrack | null) {}
  replaceTrack = (track: FakeTrack | null) => Promise.resolve(void (this.track = track));
  getParameters = () => ({});
  setParameters = () => FakePeer.parameters;
  getStats = () => Promise.resolve(FakePeer.stats());
}

export class FakePeer {
  /** When parameters of encoding are taken. */
  static parameters: Promise<void> = Promise.resolve();
  static stats = (): Map<string, object> => new Map();
  static all: FakePeer[] = [];
  offers = 0;
  static #made = 0;
  signalingState = 'stable';
  connectionState = 'new';
  iceConnectionState = 'new';
  localDescription: { type: string; sdp: string } | null = null;
  remoteDescription: object | null = null;
  readonly candidates: object[] = [];
  readonly senders: FakeSender[] = [];
  readonly channel = { readyState: 'connecting', onopen: () => undefined, onmessage: null as ((e: { data: string }) => void) | null, send: (s: string) => this.#other?.channel.onmessage?.({ data: s }) };
  onnegotiationneeded: (() => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  #needed = false;
  #other?: FakePeer;

  constructor(private readonly configuration: { certificates?: { name: string }[] } = {}) {
    FakePeer.all.push(this);
  }

  static generateCertificate = () => Promise.resolve({ name: `c${FakePeer.#made++}` });
  getConfiguration = () => this.configuration;
  setConfiguration(): void {}
  createDataChannel = () => this.channel;
  createOffer = () => Promise.resolve(this.#description('offer'));

  addTransceiver(track: FakeTrack | string): object {
    const sender = new FakeSender(typeof track === 'string' ? null : track);
    this.senders.push(sender);
    this.restartIce();
    return { sender };
  }

  restartIce(): void {
    this.#needed = true;
    this.#negotiate();
  }

  #negotiate(): void {
    queueMicrotask(() => {
      if (!this.#needed || this.signalingState !== 'stable') return;
      this.#needed = false;
      this.onnegotiationneeded?.();
    });
  }

  #description(type: string) {
    return { type, sdp: `o=${FakePeer.all.indexOf(this)}\r\na=fingerprint:sha-256 ${this.configuration.certificates![0]!.name}\r\n` };
  }

  async setLocalDescription(): Promise<void> {
    const answers = this.signalingState === 'have-remote-offer';
    this.localDescription = this.#description(answers ? 'answer' : 'offer');
    if (!answers) this.offers++;
    this.signalingState = answers ? 'stable' : 'have-local-offer';
    if (answers) this.become('connected');
  }

  async setRemoteDescription(d: { type: string; sdp: string }): Promise<void> {
    this.#other = FakePeer.all[parseInt(d.sdp.slice(2))];
    this.remoteDescription = d;
    this.signalingState = d.type === 'offer' ? 'have-remote-offer' : 'stable';
    if (d.type === 'answer') this.become('connected');
  }

  async addIceCandidate(c: object): Promise<void> {
    this.candidates.push(c);
  }

  become(state: string): void {
    this.connectionState = this.iceConnectionState = state;
    this.onconnectionstatechange?.();
    if (state === 'connected' && this.channel.readyState !== 'open') {
      this.channel.readyState = 'open';
      this.channel.onopen();
    }
    this.#negotiate();
  }

  close(): void {
    this.signalingState = this.connectionState = 'closed';
  }
}

crypto.subtle.digest = async (_, data) => new Uint8Array(createHash('sha256').update(data as Uint8Array).digest()).buffer; // at once
Object.assign(globalThis, { RTCPeerConnection: FakePeer, MediaStream: FakeStream, RTCRtpSender: { getCapabilities: () => null } });

/** An end-user's page, pages of the agent ada, and the server between them. */
export class Between {
  /** What is said gets lost. */
  offline = false;
  readonly pages: Watching[] = [];
  servers = (): Promise<RTCIceServer[]> => Promise.resolve([]);
  marked = 0;
  readonly sharing = new Sharing({
    servers: () => this.servers(), changed() {}, marked: () => this.marked++, lost() {}, ended() {},
    say: (_, text) => this.offline || this.pages.forEach((w) => void w.hear('eve', text)),
  });

  /** Another page of the agent. */
  watching(): Watching {
    const w = new Watching({ servers: () => this.servers(), changed() {}, say: (_, text) => this.offline || void this.sharing.hear('ada', text) });
    this.pages.push(w);
    return w;
  }

  /** Lets ada see something, and has a page of hers look. */
  async view(stream = captured()): Promise<Watching> {
    this.sharing.begin(stream);
    this.sharing.allow('ada');
    const page = this.watching();
    page.watch('eve', 1);
    await arrived();
    return page;
  }

  end(): void {
    for (const w of this.pages) w.unwatch();
    this.sharing.stop();
    FakePeer.all = [];
  }
}

/** Lets everything be said and heard. */
export async function arrived(): Promise<void> {
  for (let i = 0; i < 50; i++) await settled();
}
