// One end's part of what an agent's page and a helper say: frames are numbered
// and sent again until the other end has them, and the other's are taken in
// order. Where another page or helper comes to the other end, it begins anew,
// and forgets what was said to the one before. The same as internal/control's
// Stream; testdata/streams.json there holds both to the same answers.

import { decode, encode, type Frame, type Message, sizeOf } from './wire';

const WINDOW = 24; // frames on their way
const FLIGHT = 128 << 10; // bytes on their way, or few more: on a slow line whatever is said waits until those before it are through
const AGAIN = 250; // ms after which a frame goes again, at the earliest
const SELDOM = 4000; // and at the latest
const ROOMY = 8 << 10; // bytes of a frame with more than one message

interface Sent {
  number: number;
  messages: Message[];
  size: number;
  /** When it went first, and last. */
  first: number;
  at: number;
  /** How long before it goes again; doubles, because a line that is full gets no faster by it. */
  wait: number;
}

const newNumber = () => 1 + Math.floor(Math.random() * 0xfffffffe);

export class Stream {
  /** Whether the other end, which had heard this one, listens to another now. */
  taken = false;
  #own = newNumber();
  #next = 0;
  #waiting: Message[] = [];
  #sent: Sent[] = [];
  #came?: number; // when what was acknowledged last went first
  #wait = 0; // before a frame goes again: twice what that took
  #theirs = 0;
  #expect = 0;
  #owed = false;
  #known = false; // the other end has heard this one
  readonly #retired = new Set<number>();

  /** Says something, as soon as there is room. */
  queue(...messages: Message[]): void {
    this.#waiting.push(...messages);
  }

  /** Whether what is queued now would have to wait. */
  get full(): boolean {
    return this.#flying + sizeOfAll(this.#waiting) >= FLIGHT || this.#waiting.length + this.#sent.length >= WINDOW;
  }

  /** How many bytes are on their way. */
  get #flying(): number {
    return this.#sent.reduce((n, f) => n + f.size, 0);
  }

  /** The frames that are to go now. */
  out(now: number): Uint8Array<ArrayBuffer>[] {
    const frames: Uint8Array<ArrayBuffer>[] = [];
    if (this.#came !== undefined) this.#wait = Math.min(2 * (now - this.#came), SELDOM);
    this.#came = undefined;
    for (const f of this.#sent) {
      if (now - f.at < Math.max(f.wait, this.#wait)) continue;
      f.at = now;
      f.wait = Math.min(2 * f.wait, SELDOM);
      frames.push(this.#frame(f.number, f.messages));
    }
    while (this.#waiting.length && this.#sent.length < WINDOW && this.#flying < FLIGHT) {
      const messages = this.#some();
      const f = { number: this.#next++, messages, size: sizeOfAll(messages), first: now, at: now, wait: AGAIN };
      this.#sent.push(f);
      frames.push(this.#frame(f.number, f.messages));
    }
    if (!frames.length && this.#owed) frames.push(this.#frame(this.#next, []));
    this.#owed = false;
    return frames;
  }

  /** Takes a frame and returns what it says that was not known. */
  receive(bytes: Uint8Array): Message[] {
    const f = decode(bytes);
    if (!f) return [];
    if (f.of && f.of !== this.#own) { // for another page, or for what this end was before
      this.taken ||= this.#known && !this.#retired.has(f.stream);
      return [];
    }
    if (f.stream !== this.#theirs) {
      if (!f.stream || f.number !== 0 || this.#retired.has(f.stream)) return []; // of an older one, or its beginning is still to come
      this.#retired.add(this.#theirs);
      this.#theirs = f.stream;
      this.#expect = 0;
      this.#meet(f);
    }
    if (f.of === this.#own) {
      this.#known = true;
      this.#came = this.#sent.findLast((s) => s.number < f.next)?.first ?? this.#came;
      this.#sent = this.#sent.filter((s) => s.number >= f.next);
    }
    if (!f.messages.length) return [];
    this.#owed = true;
    if (f.number !== this.#expect) return [];
    this.#expect++;
    return f.messages;
  }

  /** Begins anew where the newcomer that said f lacks frames that are not here any more, because the one before it had them. */
  #meet(f: Frame): void {
    const has = f.of === this.#own ? f.next : 0;
    const kept = this.#sent[0]?.number ?? this.#next;
    if (kept <= has) return;
    this.#own = newNumber();
    this.#next = 0;
    this.#waiting = [];
    this.#sent = [];
    this.#known = false;
  }

  #some(): Message[] {
    let size = 0;
    const full = this.#waiting.findIndex((m, i) => (size += sizeOf(m)) > ROOMY && i > 0);
    return this.#waiting.splice(0, full < 0 ? this.#waiting.length : full);
  }

  #frame(number: number, messages: Message[]): Uint8Array<ArrayBuffer> {
    return encode({ stream: this.#own, number, of: this.#theirs, next: this.#expect, messages });
  }
}

const sizeOfAll = (messages: readonly Message[]) => messages.reduce((n, m) => n + sizeOf(m), 0);
