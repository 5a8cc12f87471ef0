// One page's part in a session: the stream, the outbox and the fold, tied
// together. It knows nothing of what the page looks like.

import { browser, Connection, type Env, FITS, type Status } from './connection';
import { Conversation } from './conversation';
import { Outbox, type Pending } from './outbox';
import type { Ack, Frame, Marks, Participant, Problem, Request, Signal, Welcome } from './protocol';

const TYPING_LASTS = 6000; // ms after which somebody who said nothing more stopped writing
const TYPING_EVERY = 3000; // ms between two signals of writing
const MARKS_AFTER = 150; // ms in which marks are collected
const TRY_AGAIN = 1000; // ms after which something is sent again that the server could not store or did not get
/** What requests are refused with once nobody answers any more; messages stay in the outbox. */
const TURNED_AWAY: Partial<Record<Status, string>> = { removed: 'forbidden', 'signed-out': 'unauthenticated' };
const FOR_NOW = ['unavailable', 'too-many', 'internal', '']; // codes after which it is tried again

export interface ClientOptions {
  session: string;
  /** One browser may be both; 'end-user' says which. */
  as?: 'end-user';
  env?: Env;
}

/** How far an own message has come. */
export type Reached = 'sent' | 'delivered' | 'read';

interface Waiting {
  request: Request & { id: string };
  done(ack: Ack): void;
  refused(problem: Problem): void;
}

export class Client<C extends Conversation = Conversation> {
  status: Status = 'connecting';
  you = '';
  standing?: Participant['standing'];
  readonly presence = new Map<string, { presence: Signal['presence'] & string; since?: number }>();
  readonly marks = new Map<string, Marks>();
  /** Who writes just now, by the timer that forgets it. */
  readonly typing = new Map<string, number>();
  /** How many bytes of each file are on the server, as far as that was told. */
  readonly progress = new Map<string, number>();
  /** Hears what another page says to this one, to set up a view; by oneself is where one's helper shows marks. */
  onRTC?: (by: string, said: string) => void;
  visits = 0;
  wrongKeys = 0;

  readonly #env: Env;
  readonly #path: string;
  readonly #query: string;
  readonly #outbox: Outbox;
  readonly #connection: Connection;
  readonly #waiting = new Map<string, Waiting>();
  readonly #stored = new Set<string>(); // messages that the server has, and the stream has not brought yet
  readonly #readers = new Set<() => void>();
  readonly #onStorage: (e: Event) => void;
  #position = 0; // the stream goes on after this number
  #newest = Infinity; // the log's number when the stream began
  #told = false; // readers are about to be called
  #flushing = '';
  #mine: Marks = { delivered: 0, read: 0 };
  #marksTimer?: number;
  #wroteAt = 0;
  #hidden = false;
  #retryTimer?: number;

  constructor(options: ClientOptions, readonly conversation = new Conversation() as C) {
    this.#env = options.env ?? browser();
    this.#path = `/api/sessions/${options.session}`;
    this.#query = options.as ? `as=${options.as}` : '';
    this.#outbox = new Outbox(options.session, this.#env.storage);
    this.#onStorage = (e) => this.#outbox.owns((e as StorageEvent).key) && this.#changed();
    this.#env.events.addEventListener('storage', this.#onStorage);
    this.#connection = new Connection({
      base: this.#path, query: this.#query, after: () => this.#position,
      onFrame: (f) => this.#take(f), onStatus: (s) => this.#become(s),
    }, this.#env);
  }

  /** Calls f soon after anything has changed; returns how to stop that. */
  subscribe(f: () => void): () => void {
    this.#readers.add(f);
    return () => this.#readers.delete(f);
  }

  /** Ends this page's part. What is unsent stays in the browser. */
  close(): void {
    this.#connection.stop();
    this.#readers.clear();
    this.#waiting.clear();
    this.#env.events.removeEventListener('storage', this.#onStorage);
    for (const timer of [this.#marksTimer, this.#retryTimer, ...this.typing.values()]) this.#env.clearTimeout(timer);
  }

  /** Says whether everything is here that was said before the stream began. */
  get caughtUp(): boolean {
    return this.#position >= this.#newest;
  }

  /** Own messages that the conversation does not have yet, in the order of writing. */
  get pending(): Pending[] {
    return this.#outbox.items;
  }

  /** Says something: it is kept until the server has it. */
  post(text: string): void {
    const last = this.#outbox.items.at(-1)?.at ?? 0;
    this.#outbox.put({ id: this.#env.newID(), text, at: Math.max(this.#env.now(), last + 1) });
    this.#wroteAt = 0;
    this.#changed();
    void this.#flush();
  }

  /** Tries a refused message again, under the same id. */
  retry(id: string): void {
    const item = this.#outbox.get(id);
    if (!item) return;
    this.#outbox.put({ ...item, failed: undefined });
    this.#changed();
    void this.#flush();
  }

  /** Forgets a message that was not sent. */
  discard(id: string): void {
    this.#outbox.remove(id);
    this.#settle(id, (w) => w.refused({ code: 'discarded' } as Problem));
    this.#changed();
  }

  /** Asks the server for something; rejects with the Problem when it refuses. */
  request(type: string, fields: Partial<Request> = {}, id = this.#env.newID()): Promise<Ack> {
    return new Promise((done, refused) => {
      const waiting: Waiting = { request: { ...fields, type, id }, done, refused };
      this.#waiting.set(id, waiting);
      void this.#transmit(waiting);
    });
  }

  /** Tells the others that the reader writes, or stopped to. */
  setTyping(on: boolean): void {
    const now = this.#env.now();
    if (on ? now - this.#wroteAt < TYPING_EVERY : this.#wroteAt === 0) return;
    this.#wroteAt = on ? now : 0;
    this.signal({ type: 'typing', typing: on });
  }

  /** Says that everything up to a number was in view. */
  read(seq: number): void {
    this.#raise({ delivered: seq, read: seq });
  }

  /** Says whether the page is out of view. */
  away(away: boolean): void {
    this.#hidden = away;
    if (this.status === 'online') this.signal({ type: 'away', away });
  }

  /** How far an own message has come, by what the other side told. */
  reached(seq: number): Reached {
    const me = this.conversation.participants.get(this.you);
    let best: Reached = 'sent';
    for (const [id, marks] of this.marks) {
      if (this.conversation.participants.get(id)?.role === me?.role) continue;
      if (marks.read >= seq) return 'read';
      if (marks.delivered >= seq) best = 'delivered';
    }
    return best;
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(frame);
        break;
      case 'events':
        this.#events(frame);
        break;
      case 'ack':
        this.#settle(frame.id, (w) => w.done(frame));
        break;
      case 'error':
        this.#settle(frame.id ?? '', (w) => w.refused(frame.problem));
        break;
      case 'standing':
        this.standing = frame.standing;
        break;
      case 'signal':
        this.#hear(frame);
        break;
    }
    this.#changed();
  }

  #welcome(w: Welcome): void {
    this.you = w.you;
    this.standing = w.standing;
    this.#newest = w.number;
    this.visits = w.visits ?? 0;
    this.wrongKeys = w.wrongKeys ?? 0;
    this.presence.clear();
    for (const p of w.presence ?? []) this.#present(p.participant, p.presence, p.since ? Date.parse(p.since) : undefined);
    for (const [id, marks] of Object.entries(w.marks ?? {})) this.marks.set(id, marks);
    if (this.#hidden) this.signal({ type: 'away', away: true });
    if (this.#mine.delivered) this.#tellMarks(); // what was told last may be lost
    this.#resume();
  }

  /** Sends again what has got no answer. */
  #resume(): void {
    for (const waiting of this.#waiting.values()) void this.#transmit(waiting);
    void this.#flush();
  }

  #events(frame: Extract<Frame, { type: 'events' }>): void {
    if (frame.after > this.#position) return this.#again();
    const fresh = frame.events.filter((e) => e.seq > this.#position);
    this.#position = Math.max(this.#position, frame.upto);
    this.conversation.apply(fresh);
    for (const e of fresh) {
      if (e.by !== this.you || !e.id) this.#typed(e.by ?? '', false);
      else if (e.type === 'message' || this.#waiting.has(e.id)) {
        this.#outbox.remove(e.id);
        this.#stored.delete(e.id);
        this.#settle(e.id, (w) => w.done({ id: e.id!, seq: e.seq, at: e.at }));
      }
    }
    this.#raise({ delivered: this.#position, read: 0 });
  }

  /** Something is missing: comes back with the number that is there. */
  #again(): void {
    this.#connection.restart();
  }

  #hear(s: Signal): void {
    const by = s.by ?? '';
    switch (s.kind) {
      case 'typing':
        this.#typed(by, !!s.typing);
        break;
      case 'presence':
        this.#present(by, s.presence || 'gone', s.since);
        break;
      case 'marks':
        this.marks.set(by, s.marks!);
        break;
      case 'progress':
        this.progress.set(s.file!, s.bytes ?? 0);
        break;
      case 'rtc':
      case 'aim':
        this.onRTC?.(by, s.rtc ?? s.aim!);
        break;
      case 'visits':
        this.visits = s.count ?? 0;
        break;
      case 'wrong-keys':
        this.wrongKeys = s.count ?? 0;
    }
  }

  #present(id: string, presence: Signal['presence'] & string, since?: number): void {
    this.presence.set(id, { presence, since });
    if (presence === 'gone') this.#typed(id, false);
  }

  #typed(id: string, on: boolean): void {
    this.#env.clearTimeout(this.typing.get(id));
    this.typing.delete(id);
    if (!on) return;
    this.typing.set(id, this.#env.setTimeout(() => {
      this.typing.delete(id);
      this.#changed();
    }, TYPING_LASTS));
  }

  #become(status: Status): void {
    this.status = status;
    if (status !== 'online') {
      for (const id of [...this.typing.keys()]) this.#typed(id, false);
    }
    if (status === 'ended' || TURNED_AWAY[status]) this.#resume(); // gets refused, and the writer learns it
    this.#changed();
  }

  #settle(id: string, how: (w: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    how(waiting);
  }

  /** Sends what waits, one after the other, so that order is kept. */
  async #flush(): Promise<void> {
    if (this.#flushing) return;
    while (this.#answered) {
      const item = this.#outbox.items.find((i) => !i.failed && !this.#stored.has(i.id));
      if (!item) return;
      this.#flushing = item.id;
      try {
        await this.request('post', { text: item.text }, item.id);
        if (this.#outbox.get(item.id)) this.#stored.add(item.id);
      } catch (problem) {
        const { code } = problem as Problem;
        if (FOR_NOW.includes(code)) {
          this.#later();
          return;
        }
        if (this.#outbox.get(item.id)) this.#outbox.put({ ...item, failed: code });
      } finally {
        this.#flushing = '';
        this.#changed();
      }
    }
  }

  /** Says whether the server can be asked: after the end it only answers. */
  get #answered(): boolean {
    return this.status === 'online' || this.status === 'ended';
  }

  #later(): void {
    this.#env.clearTimeout(this.#retryTimer);
    this.#retryTimer = this.#env.setTimeout(() => void this.#flush(), TRY_AGAIN);
  }

  /** Sends a request by the socket, or by POST where there is none; what gets no answer goes again. */
  async #transmit(waiting: Waiting): Promise<void> {
    const { request } = waiting;
    const code = TURNED_AWAY[this.status];
    if (code && request.type !== 'post') return this.#settle(request.id, (w) => w.refused({ code } as Problem));
    if (!this.#answered || this.#connection.send(request)) return;
    const answer = await this.#send(request);
    const said = await answer?.json().catch(() => undefined);
    if (!said && this.status !== 'ended') {
      this.#env.setTimeout(() => this.#waiting.get(request.id) === waiting && void this.#transmit(waiting), TRY_AGAIN);
      return;
    }
    this.#settle(request.id, (w) => (answer?.ok ? w.done(said) : w.refused(said ?? { code: '' })));
    this.#changed();
  }

  #send(request: Request): Promise<Response | undefined> {
    const body = JSON.stringify(request);
    return this.#env.fetch(`${this.#path}/requests?${this.#query}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body, keepalive: body.length <= FITS, // browsers limit that too
    }).catch(() => undefined);
  }

  /** Sends what may be lost. */
  signal(request: Request): void {
    if (this.status === 'online' && !this.#connection.send(request)) void this.#send(request);
  }

  #raise(to: Marks): void {
    const { delivered, read } = this.#mine;
    this.#mine = { delivered: Math.max(delivered, to.delivered), read: Math.max(read, to.read) };
    if (this.#mine.delivered !== delivered || this.#mine.read !== read) this.#tellMarks();
  }

  /** Tells the others soon how far the reader has come. */
  #tellMarks(): void {
    this.#marksTimer ??= this.#env.setTimeout(() => {
      this.#marksTimer = undefined;
      this.signal({ type: 'marks', ...this.#mine });
    }, MARKS_AFTER);
  }

  #changed(): void {
    if (this.#told) return;
    this.#told = true;
    queueMicrotask(() => {
      this.#told = false;
      for (const f of [...this.#readers]) f();
    });
  }
}
