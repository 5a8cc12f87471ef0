// A live stream from the server that comes back by itself: over a WebSocket,
// or as Server-Sent Events where something on the way breaks WebSockets.
// docs/protocol.md describes both.

import type { Frame, Request } from './protocol';

export type Status = 'connecting' | 'online' | 'offline' | 'ended' | 'removed' | 'signed-out';

/** What the outside world gives; tests give their own. */
export interface Env {
  WebSocket: new (url: string) => WebSocket;
  EventSource: new (url: string) => EventSource;
  fetch: typeof fetch;
  /** Where "online", "offline", "pageshow", "visibilitychange" and "storage" happen. */
  events: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
  /** Lives as long as the browser. */
  storage: Storage;
  /** Lives as long as the tab. */
  tab: Storage;
  now(): number;
  random(): number;
  setTimeout(f: () => void, ms: number): number;
  clearTimeout(id: number | undefined): void;
  newID(): string;
}

/** Returns the browser as an Env. */
export function browser(): Env {
  return {
    WebSocket, EventSource,
    fetch: (...a) => fetch(...a),
    events: globalThis,
    storage: localStorage,
    tab: sessionStorage,
    now: Date.now,
    random: Math.random,
    setTimeout: (f, ms) => setTimeout(f, ms) as unknown as number,
    clearTimeout: (id) => clearTimeout(id),
    newID: () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join(''),
  };
}

const FIRST_FRAME = 4000; // ms in which a stream that works says something
const SILENCE = 9000; // ms without any frame, beats included, after which a stream is lost
const LEAST_WAIT = 200; // ms; the back-off doubles from here …
const MOST_WAIT = 5000; // … to here
const SOCKET_SOON = 5000; // ms after which a socket is tried again: the network may have been at fault, not sockets
const SOCKET_AGAIN = 60_000; // ms between further tries
const FAILURES = 2; // sockets in a row that never said anything

/** Characters in a request that fits a frame (64 KiB) however they are encoded. */
export const FITS = 20_000;

const FINAL: Record<number, Status> = { 4000: 'ended', 4001: 'removed', 4002: 'signed-out' };
/** What a refused stream says that will not change. */
const REFUSED: Record<string, Status> = { unauthenticated: 'signed-out', forbidden: 'removed', 'not-found': 'removed' };
const TOO_SLOW = 4010;
const RESTART = 1012;

/** The state of an EventSource that was refused, and not only cut off. */
const CLOSED = 2;

/** Where the tab remembers that sockets do not work here. */
const REMEMBERED = 'deskside.stream';

export interface Options {
  /** The path before /live and /stream. */
  base: string;
  /** The query, without the number. */
  query?: string;
  /** The number after which the stream is to go on. */
  after?(): number;
  onFrame(frame: Frame): void;
  onStatus(status: Status): void;
}

export class Connection {
  status: Status = 'connecting';
  #socket?: WebSocket;
  #source?: EventSource;
  #trial?: WebSocket; // a socket that is tried beside a stream
  #attempts = 0; // since the last frame
  #silent = 0; // sockets in a row that never said anything
  #retry?: number; // the timer of the next attempt
  #watch?: number; // the timer that notices silence
  #upgrade?: number; // the timer that tries a socket again
  #heard = 0;
  #spoke = false; // this stream has said something
  #stopped = false;
  readonly #listeners: [string, () => void][];

  constructor(private readonly options: Options, private readonly env: Env) {
    const wake = () => this.wake();
    this.#listeners = [['online', () => this.wake(true)], ['pageshow', wake], ['visibilitychange', wake], ['offline', () => this.#lost(0, '')]];
    for (const [name, f] of this.#listeners) env.events.addEventListener(name, f);
    if (env.tab.getItem(REMEMBERED)) this.#silent = FAILURES;
    this.#open();
  }

  /** Ends the stream for good. */
  stop(): void {
    this.#stopped = true;
    for (const [name, f] of this.#listeners) this.env.events.removeEventListener(name, f);
    this.#drop();
    this.env.clearTimeout(this.#retry);
  }

  /** Sends a request over the socket; false where there is none, or where the request might end it by its size. */
  send(request: Request): boolean {
    const frame = JSON.stringify(request);
    if (!this.#socket || !this.#spoke || frame.length > FITS) return false;
    this.#socket.send(frame);
    return true;
  }

  /** Comes back at once: the page is in view again, or the network is. */
  wake(network = false): void {
    if (this.#stopped) return;
    if (this.#retry !== undefined) {
      this.env.clearTimeout(this.#retry);
      this.#open();
    } else if (network && !this.#spoke) {
      this.#drop(); // what was begun without a network gets nowhere
      this.#open();
    } else if (this.status === 'online' && this.env.now() - this.#heard > SILENCE) {
      this.#lost(0, '');
    }
  }

  /** Begins anew at once, with the number that the reader has now. */
  restart(): void {
    this.#lost(TOO_SLOW, '');
  }

  #open(): void {
    this.#retry = undefined;
    this.#spoke = false;
    this.#listen(FIRST_FRAME);
    if (this.#silent >= FAILURES) this.#openStream();
    else this.#openSocket();
  }

  #address(kind: string): string {
    const { base, query = '', after } = this.options;
    const parts = [after && `after=${after()}`, query].filter(Boolean);
    return `${base}/${kind}${parts.length ? '?' : ''}${parts.join('&')}`;
  }

  #openSocket(): void {
    this.#use(new this.env.WebSocket(this.#address('live')));
  }

  #use(socket: WebSocket): void {
    this.#socket = socket;
    socket.onmessage = (e) => this.#socket === socket && this.#take(e.data);
    socket.onclose = (e) => this.#socket === socket && this.#lost(e.code, e.reason);
  }

  #openStream(): void {
    const source = (this.#source = new this.env.EventSource(this.#address('stream')));
    source.onmessage = (e) => this.#source === source && this.#take(e.data);
    source.onerror = () => {
      if (this.#source !== source) return;
      if (source.readyState === CLOSED) void this.#ask();
      this.#lost(0, '');
    };
  }

  /** Asks why a stream was refused: browsers don't tell. */
  async #ask(): Promise<void> {
    const answer = await this.env.fetch(this.#address('stream')).catch(() => undefined);
    if (!answer || answer.ok) return void answer?.body?.cancel();
    const { code } = await answer.json().catch(() => ({}));
    if (REFUSED[code] && !this.#stopped) this.#end(REFUSED[code]);
  }

  #take(data: string): void {
    const frame: Frame = JSON.parse(data);
    this.#heard = this.env.now();
    this.#listen(SILENCE);
    if (!this.#spoke) this.#opened();
    if (frame.type === 'close') this.#lost(frame.code, frame.reason ?? '');
    else if (frame.type === 'beat') this.send({ type: 'beat' });
    else this.options.onFrame(frame);
  }

  #opened(): void {
    this.#spoke = true;
    this.#attempts = 0;
    if (this.#socket) {
      this.#silent = 0;
      this.env.tab.removeItem(REMEMBERED);
    } else {
      const known = this.env.tab.getItem(REMEMBERED);
      this.env.tab.setItem(REMEMBERED, '1');
      this.#upgrade = this.env.setTimeout(() => this.#trySocket(), known ? SOCKET_AGAIN : SOCKET_SOON);
    }
    this.#become('online');
  }

  /** Tries a socket beside a stream, which ends once the socket says something. */
  #trySocket(): void {
    this.#trial?.close();
    const socket = (this.#trial = new this.env.WebSocket(this.#address('live')));
    socket.onmessage = (e) => {
      if (this.#trial !== socket) return;
      this.#trial = undefined;
      this.#drop();
      this.#spoke = false;
      this.#use(socket);
      this.#take(e.data);
    };
    this.#upgrade = this.env.setTimeout(() => this.#trySocket(), SOCKET_AGAIN);
  }

  /** Expects the next frame within some time. */
  #listen(ms: number): void {
    this.env.clearTimeout(this.#watch);
    this.#watch = this.env.setTimeout(() => this.#lost(0, ''), ms);
  }

  #drop(): void {
    const streams = [this.#socket, this.#source, this.#trial];
    this.#socket = this.#source = this.#trial = undefined;
    for (const stream of streams) stream?.close();
    this.env.clearTimeout(this.#watch);
    this.env.clearTimeout(this.#upgrade);
  }

  #lost(code: number, reason: string): void {
    if (this.#stopped || this.#retry !== undefined) return;
    if (!this.#spoke) this.#silent = this.#socket ? this.#silent + 1 : 0; // streams fail too: it is not the sockets
    this.#drop();
    const final = FINAL[code];
    if (final) return this.#end(final);
    this.#become('offline');
    this.#retry = this.env.setTimeout(() => this.#open(), this.#wait(code, reason));
  }

  #wait(code: number, reason: string): number {
    if (code === TOO_SLOW) return 0;
    if (code === RESTART) return Number(reason) || 0;
    return this.env.random() * Math.min(MOST_WAIT, LEAST_WAIT * 2 ** this.#attempts++);
  }

  #end(final: Status): void {
    this.stop();
    this.#become(final);
  }

  #become(status: Status): void {
    if (this.status === status) return;
    this.status = status;
    this.options.onStatus(status);
  }
}
