// One end's part of what an agent's page and a helper say: frames are numbered
// and sent again until the other end has them, and the other's are taken in
// order. The same as internal/control's Stream.

import { decode, encode, type Message, sizeOf } from './wire';

const WINDOW = 24; // frames on their way
const AGAIN = 250; // ms after which a frame goes again
const ROOMY = 8 << 10; // bytes of a frame with more than one message

interface Sent {
  number: number;
  messages: Message[];
  at: number;
}

export class Stream {
  readonly #own = 1 + Math.floor(Math.random() * 0xfffffffe);
  #next = 0;
  #waiting: Message[] = [];
  #sent: Sent[] = [];
  #theirs = 0;
  #expect = 0;
  #owed = false;

  /** Says something, as soon as there is room. */
  queue(...messages: Message[]): void {
    this.#waiting.push(...messages);
  }

  /** How many messages are not known to be there yet. */
  get open(): number {
    return this.#waiting.length + this.#sent.length;
  }

  /** The frames that are to go now. */
  out(now: number): Uint8Array<ArrayBuffer>[] {
    const frames: Uint8Array<ArrayBuffer>[] = [];
    for (const f of this.#sent) {
      if (now - f.at < AGAIN) continue;
      f.at = now;
      frames.push(this.#frame(f.number, f.messages));
    }
    while (this.#waiting.length && this.#sent.length < WINDOW) {
      const f = { number: this.#next++, messages: this.#some(), at: now };
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
    if (f.stream !== this.#theirs) {
      if (f.number !== 0) return []; // its beginning is still to come
      this.#theirs = f.stream;
      this.#expect = 0;
    }
    if (f.of === this.#own) this.#sent = this.#sent.filter((s) => s.number >= f.next);
    if (!f.messages.length) return [];
    this.#owed = true;
    if (f.number !== this.#expect) return [];
    this.#expect++;
    return f.messages;
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
