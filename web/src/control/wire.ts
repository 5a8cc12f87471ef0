// The binary protocol between an agent's page and a helper, version 1: frames
// of messages. docs/protocol.md describes it; internal/control is the other end.

export const VERSION = 1;
export const MAX_FRAME = 36 << 10;
export const MAX_TEXT = 4 << 10; // bytes of UTF-8
export const MAX_PIECE = 32 << 10;
export const MAX_CLIPBOARD = 10 << 20;
export const MAX_TURN = 120 * 100;

/** A point of the shared picture: 0 is its left or upper edge, 65535 the far one. */
export interface Place {
  x: number;
  y: number;
}

export type Message =
  | { k: 'move'; at: Place }
  | { k: 'press'; button: number; down: boolean; at: Place }
  | { k: 'wheel'; right: number; down: number; at: Place }
  | { k: 'stroke'; key: number; char: string; down: boolean }
  | { k: 'text'; text: string }
  | { k: 'release' }
  | { k: 'alive' }
  | { k: 'fetch' }
  | { k: 'piece'; id: number; total: number; offset: number; picture: boolean; data: Uint8Array<ArrayBuffer> }
  | { k: 'state'; mode: Mode; clipboard: boolean; automatic: boolean }
  | { k: 'notice'; why: Why };

const MODES = ['off', 'on', 'paused', 'theirs', 'aiming', 'blind'] as const;
export type Mode = (typeof MODES)[number];

const WHYS = ['elevated', 'reserved', 'unsupported', 'too-large', 'no-clipboard', 'nothing', 'failed'] as const;
export type Why = (typeof WHYS)[number];

const KINDS = ['move', 'press', 'wheel', 'stroke', 'text', 'release', 'alive', 'fetch', 'piece', 'state', 'notice'] as const;

export interface Frame {
  stream: number;
  number: number;
  of: number;
  next: number;
  messages: Message[];
}

const HEAD = 17;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How many bytes a message takes, about. */
export function sizeOf(m: Message): number {
  return m.k === 'piece' ? m.data.length + 16 : m.k === 'text' ? m.text.length * 3 + 3 : 10;
}

/** Writes a frame. */
export function encode(f: Frame): Uint8Array<ArrayBuffer> {
  const out = new Writer(HEAD + f.messages.reduce((n, m) => n + sizeOf(m), 0));
  out.u8(VERSION);
  for (const v of [f.stream, f.number, f.of, f.next]) out.u32(v);
  for (const m of f.messages) write(out, m);
  return out.bytes();
}

function write(out: Writer, m: Message): void {
  out.u8(KINDS.indexOf(m.k) + 1);
  switch (m.k) {
    case 'move':
      return out.place(m.at);
    case 'press':
      out.u8(m.button);
      out.u8(+m.down);
      return out.place(m.at);
    case 'wheel':
      out.u16(m.right);
      out.u16(m.down);
      return out.place(m.at);
    case 'stroke':
      out.u8(m.key);
      out.u8(+m.down);
      return out.u32(m.char.codePointAt(0) ?? 0);
    case 'text': {
      const text = encoder.encode(m.text);
      out.u16(text.length);
      return out.raw(text);
    }
    case 'piece':
      out.u8(+m.picture);
      for (const v of [m.id, m.total, m.offset]) out.u32(v);
      out.u16(m.data.length);
      return out.raw(m.data);
    case 'state':
      out.u8(MODES.indexOf(m.mode));
      return out.u8(+m.clipboard + 2 * +m.automatic);
    case 'notice':
      return out.u8(WHYS.indexOf(m.why) + 1);
  }
}

/** Reads a frame; undefined where bytes are none. */
export function decode(bytes: Uint8Array): Frame | undefined {
  if (bytes.length < HEAD || bytes.length > MAX_FRAME || bytes[0] !== VERSION) return undefined;
  const r = new Reader(bytes);
  try {
    r.u8();
    const f: Frame = { stream: r.u32(), number: r.u32(), of: r.u32(), next: r.u32(), messages: [] };
    while (r.left) f.messages.push(read(r));
    return f;
  } catch {
    return undefined;
  }
}

function read(r: Reader): Message {
  const k = KINDS[r.u8() - 1];
  switch (k) {
    case 'move':
      return { k, at: r.place() };
    case 'press':
      return { k, button: r.below(5), down: !!r.below(2), at: r.place() };
    case 'wheel':
      return { k, right: r.turn(), down: r.turn(), at: r.place() };
    case 'stroke': {
      const [key, down, code] = [r.u8(), !!r.below(2), r.u32()];
      return { k, key, char: code ? String.fromCodePoint(code) : '', down };
    }
    case 'text':
      return { k, text: decoder.decode(r.raw(must(r.u16(), (n) => n > 0 && n <= MAX_TEXT))) };
    case 'release':
    case 'alive':
    case 'fetch':
      return { k };
    case 'piece': {
      const picture = !!r.below(2);
      const [id, total, offset] = [r.u32(), must(r.u32(), (n) => n <= MAX_CLIPBOARD), r.u32()];
      const data = r.raw(must(r.u16(), (n) => n > 0 && n <= MAX_PIECE && offset + n <= total)).slice();
      return { k, id, total, offset, picture, data };
    }
    case 'state': {
      const mode = MODES[r.below(MODES.length)]!;
      const flags = r.below(4);
      return { k, mode, clipboard: !!(flags & 1), automatic: !!(flags & 2) };
    }
    case 'notice':
      return { k, why: WHYS[r.below(WHYS.length + 1) - 1] ?? nothing() };
  }
  return nothing();
}

function nothing(): never {
  throw new RangeError('no frame');
}

function must(n: number, ok: (n: number) => boolean): number {
  return ok(n) ? n : nothing();
}

class Writer {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(room: number) {
    this.#bytes = new Uint8Array(room);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(v: number): void {
    this.#view.setUint8(this.#at, v);
    this.#at += 1;
  }

  u16(v: number): void {
    this.#view.setUint16(this.#at, v);
    this.#at += 2;
  }

  u32(v: number): void {
    this.#view.setUint32(this.#at, v);
    this.#at += 4;
  }

  place({ x, y }: Place): void {
    this.u16(x);
    this.u16(y);
  }

  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }
}

/** Takes values off the front; throws where one is not there. */
class Reader {
  readonly #view: DataView;
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get left(): number {
    return this.bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4));
  }

  below(limit: number): number {
    return must(this.u8(), (n) => n < limit);
  }

  turn(): number {
    return must(this.#view.getInt16(this.#step(2)), (n) => Math.abs(n) <= MAX_TURN);
  }

  place(): Place {
    return { x: this.u16(), y: this.u16() };
  }

  raw(n: number): Uint8Array {
    const at = this.#step(n);
    return this.bytes.subarray(at, at + must(n, () => at + n <= this.bytes.length));
  }

  #step(n: number): number {
    const at = this.#at;
    this.#at += n;
    return at;
  }
}
