// A world for the tests: a clock that only they move, a network that only
// they answer, a browser's storage. Bundled with tests only.

import type { Env } from './connection';
import type { Frame, Request, SessionEvent } from './protocol';

/** Lets everything happen that waits for nothing but its turn. */
export const settled = () => new Promise<void>((done) => setImmediate(done));

interface Timer {
  id: number;
  at: number;
  run(): void;
}

class MemoryStorage implements Storage {
  private readonly entries = new Map<string, string>();
  get length(): number {
    return this.entries.size;
  }
  key = (i: number) => [...this.entries.keys()][i] ?? null;
  getItem = (key: string) => this.entries.get(key) ?? null;
  setItem = (key: string, value: string) => void this.entries.set(key, value);
  removeItem = (key: string) => void this.entries.delete(key);
  clear = () => this.entries.clear();
}

/** The server's end of a WebSocket or an EventSource. */
export class Line {
  readonly url: string;
  readonly sent: Request[] = [];
  closed = false;
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: ((e: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 0;
  private open = false;

  constructor(url: string, readonly kind: 'socket' | 'stream') {
    this.url = url;
  }

  /** The number after which the client wants to go on. */
  get after(): number {
    return Number(new URL(this.url, 'http://server').searchParams.get('after'));
  }

  /** The server says something. */
  say(frame: Frame): void {
    this.open = true;
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  welcome(more: Partial<Extract<Frame, { type: 'welcome' }>> = {}): this {
    this.say({ type: 'welcome', you: 'e1', role: 'end-user', standing: 'here', number: 0, now: '', presence: [], marks: {}, ...more });
    return this;
  }

  events(after: number, ...events: SessionEvent[]): void {
    this.say({ type: 'events', after, upto: events.at(-1)?.seq ?? after, events });
  }

  /** The line breaks: by the server with a code, or by the network without. */
  break(code = 1006, reason = ''): void {
    this.closed = true;
    if (this.kind === 'socket') this.onclose?.({ code, reason });
    else if (code === 1006) this.onerror?.();
    else this.say({ type: 'close', code, reason });
  }

  /** The server refuses the stream, and says why to whoever asks. */
  refuse(): void {
    this.readyState = 2;
    this.onerror?.();
  }

  // What the page calls.

  send(data: string): void {
    if (!this.open) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError');
    if (!this.closed) this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.closed = true;
  }

  /** What was sent of a type. */
  of(type: string): Request[] {
    return this.sent.filter((r) => r.type === type);
  }
}

interface Posted {
  url: string;
  request: Request;
  answer(status: number, body: object | string): void;
  /** No answer comes. */
  fail(): void;
}

export class World {
  time = Date.parse('2026-11-23T14:00:00Z');
  /** Every socket and stream, the newest last. */
  readonly lines: Line[] = [];
  readonly posts: Posted[] = [];
  readonly events = new EventTarget();
  readonly env: Env;
  private timers: Timer[] = [];
  private ids = 0;

  constructor() {
    this.env = this.page();
  }

  /** A page of the world's browser: the next one has a tab of its own unless it gets one. */
  page(tab: Storage = new MemoryStorage(), storage: Storage = this.env?.storage ?? new MemoryStorage()): Env {
    const line = (kind: Line['kind']) => {
      const { lines } = this;
      return class extends Line {
        constructor(url: string) {
          super(url, kind);
          lines.push(this);
        }
      };
    };
    return {
      WebSocket: line('socket') as unknown as Env['WebSocket'],
      EventSource: line('stream') as unknown as Env['EventSource'],
      fetch: (url, init = {}) => this.fetch(String(url), init),
      events: this.events,
      storage,
      tab,
      now: () => this.time,
      random: () => 1, // the longest wait of each back-off
      setTimeout: (run, ms) => {
        const id = ++this.ids;
        this.timers.push({ id, at: this.time + ms, run });
        return id;
      },
      clearTimeout: (id) => void (this.timers = this.timers.filter((t) => t.id !== id)),
      newID: () => `id${++this.ids}`,
    };
  }

  /** The newest socket or stream. */
  get line(): Line {
    return this.lines.at(-1)!;
  }

  get post(): Posted {
    return this.posts.at(-1)!;
  }

  fire(name: string, fields: object = {}): void {
    this.events.dispatchEvent(Object.assign(new Event(name), fields));
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      await settled();
      const next = this.timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!next) break;
      this.timers = this.timers.filter((t) => t !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = until;
    await settled();
  }

  /** How long it takes until the next timer, in milliseconds. */
  get next(): number {
    return Math.min(...this.timers.map((t) => t.at)) - this.time;
  }

  private fetch(url: string, { body = '{}', keepalive }: RequestInit): Promise<Response> {
    const request = JSON.parse(String(body));
    return new Promise((done, failed) => {
      if (keepalive && Buffer.byteLength(String(body)) > 65_536) failed(new TypeError('Failed to fetch')); // as browsers do
      this.posts.push({
        url, request,
        answer: (status, body) => done(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })),
        fail: () => failed(new TypeError('Failed to fetch')),
      });
    });
  }
}

/** Makes events with numbers that follow each other. */
export function log(...events: (Pick<SessionEvent, 'type' | 'data'> & { by?: string; id?: string; seq?: number; at?: string })[]): SessionEvent[] {
  let seq = 0;
  return events.map((e) => {
    seq = e.seq ?? seq + 1;
    return { at: '2026-11-23T14:05:09.120Z', ...e, seq } as SessionEvent;
  });
}
