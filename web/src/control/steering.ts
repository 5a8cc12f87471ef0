// The agent's page's way to a helper: a socket of its own, on which frames of
// the binary protocol go, and what the helper said last of itself.

import { Collector, type Content, type Piece, piecesOf } from './clips';
import { Stream } from './stream';
import type { Message, Mode, Place, Why } from './wire';

const OUT_EVERY = 100; // ms in which frames that were lost are noticed
const ALIVE_EVERY = 300; // ms in which a page that holds something down says that it is there
const SILENT = 3000; // ms without a word after which a helper is out of reach
const AHEAD = 64 << 10; // bytes that the browser may still have to send when more is given to it
const COME_BACK = 400; // ms until a broken connection is tried again

export interface SteeringOptions {
  /** The socket's address. */
  url: string;
  changed(): void;
  notice(why: Why): void;
  /** The end-user's clipboard came. */
  clipboard(content: Content): void;
}

/** What became of a clipboard: all of it is said, the connection was lost meanwhile, or it is too large. */
export type Given = 'said' | 'lost' | 'too-large';

/** What is done with input; elsewhere: another page of the same agent controls. */
export type Steered = Mode | 'elsewhere';

export class Steering {
  clipboard = false;
  automatic = false;
  readonly #options: SteeringOptions;
  #mode: Mode = 'off';
  #heard = 0;
  #socket?: WebSocket;
  #stream = new Stream();
  #collector = new Collector();
  #going: { piece: Piece; gone?: (given: Given) => void }[] = []; // of clipboards, as soon as there is room
  #timer?: ReturnType<typeof setInterval>;
  #aliveAt = 0;
  #move?: Place;
  #frame = 0;
  #told: Steered = 'off';
  #elsewhere = false;
  /** Says whether keys or buttons are held down over there. */
  holds: () => boolean = () => false;

  constructor(options: SteeringOptions) {
    this.#options = options;
  }

  /** What the helper does with input. */
  get mode(): Steered {
    if (this.#elsewhere) return 'elsewhere';
    return this.#heard && performance.now() - this.#heard < SILENT ? this.#mode : 'off';
  }

  /** Connects, and keeps connected until end. */
  begin(): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => this.#tick(), OUT_EVERY);
    this.#connect();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#mode = this.#told = 'off';
    this.#elsewhere = false;
    this.#anew();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** Takes control back from another page. */
  take(): void {
    if (!this.#elsewhere) return;
    this.#elsewhere = false;
    this.#anew();
    this.#greet();
    this.#look();
  }

  /** Says something, at once; before it where the pointer is. */
  say(...messages: Message[]): void {
    this.#flushMove();
    this.#stream.queue(...messages);
    this.#out();
  }

  /** Moves the pointer, once per drawn frame. */
  move(at: Place): void {
    this.#move = at;
    this.#frame ||= requestAnimationFrame(() => {
      this.#flushMove();
      this.#out();
    });
  }

  /** Hands over what the agent copied, piece by piece, so that other things don't wait behind all of it. */
  async send(content: Content): Promise<Given> {
    const pieces = await piecesOf(content);
    if (!pieces.length) return 'too-large';
    return new Promise((gone) => {
      this.#going.push(...pieces.map((piece, i) => ({ piece, ...(i === pieces.length - 1 && { gone }) })));
      this.#out();
    });
  }

  #connect(): void {
    if (!this.#timer) return;
    const socket = (this.#socket = new WebSocket(this.#options.url));
    socket.binaryType = 'arraybuffer';
    this.#anew();
    socket.onopen = () => socket === this.#socket && this.#greet();
    socket.onmessage = (e) => socket === this.#socket && this.#hear(new Uint8Array(e.data as ArrayBuffer));
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#heard = 0;
      this.#look();
      setTimeout(() => socket === this.#socket && this.#connect(), COME_BACK);
    };
  }

  #anew(): void {
    this.#heard = 0;
    this.#stream = new Stream();
    this.#collector = new Collector();
    for (const { gone } of this.#going.splice(0)) gone?.('lost');
  }

  /** Makes the helper listen to this page. */
  #greet(): void {
    this.#stream.queue({ k: 'release' });
    this.#out();
  }

  #hear(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes[0] === 0x7b) return void this.#socket?.send(bytes); // a beat, in JSON
    if (this.#elsewhere) return;
    for (const m of this.#stream.receive(bytes)) this.#take(m);
    if (this.#stream.taken) { // the newest page has it; two that took it back by themselves would never end
      this.#elsewhere = true;
      this.#look();
    }
    this.#out();
  }

  #take(m: Message): void {
    switch (m.k) {
      case 'state': {
        const other = m.clipboard !== this.clipboard || m.automatic !== this.automatic;
        this.#heard = performance.now();
        this.#mode = m.mode;
        this.clipboard = m.clipboard;
        this.automatic = m.automatic;
        return other ? this.#options.changed() : this.#look();
      }
      case 'notice':
        return this.#options.notice(m.why);
      case 'piece': {
        const content = this.#collector.take(m);
        if (content !== undefined) this.#options.clipboard(content);
      }
    }
  }

  #look(): void {
    if (this.mode === this.#told) return;
    this.#told = this.mode;
    this.#options.changed();
  }

  #flushMove(): void {
    if (!this.#move) return;
    this.#stream.queue({ k: 'move', at: this.#move });
    this.#move = undefined;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #tick(): void {
    const now = performance.now();
    if (this.holds() && now - this.#aliveAt >= ALIVE_EVERY) {
      this.#aliveAt = now;
      this.#stream.queue({ k: 'alive' });
    }
    this.#look();
    this.#out();
  }

  #out(): void {
    const socket = this.#socket;
    if (this.#elsewhere || socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > AHEAD) return;
    while (this.#going.length && !this.#stream.full) {
      const { piece, gone } = this.#going.shift()!;
      this.#stream.queue(piece);
      gone?.('said');
    }
    for (const frame of this.#stream.out(performance.now())) socket.send(frame);
  }
}
