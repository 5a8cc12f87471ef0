// What clipboards hand to each other, in pieces.

import { MAX_CLIPBOARD, MAX_PIECE, type Message } from './wire';

export type Piece = Extract<Message, { k: 'piece' }>;

/** Text, or a picture as PNG. */
export type Content = string | Blob;

/** Cuts content into pieces; none where it is too large. */
export async function piecesOf(content: Content): Promise<Piece[]> {
  const data = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(await content.arrayBuffer());
  if (!data.length || data.length > MAX_CLIPBOARD) return [];
  const id = Math.floor(Math.random() * 0xffffffff);
  return Array.from({ length: Math.ceil(data.length / MAX_PIECE) }, (_, i) => ({
    k: 'piece', id, total: data.length, offset: i * MAX_PIECE, picture: typeof content !== 'string', data: data.subarray(i * MAX_PIECE, (i + 1) * MAX_PIECE),
  }));
}

/** Puts pieces together. */
export class Collector {
  #head?: Piece;
  #data = new Uint8Array();

  /** Takes a piece; gives the content with its last. */
  take(p: Piece): Content | undefined {
    if (p.offset === 0) {
      this.#head = p;
      this.#data = new Uint8Array(p.total);
    }
    const head = this.#head;
    if (!head || head.id !== p.id || head.total !== p.total) return undefined;
    this.#data.set(p.data, p.offset);
    if (p.offset + p.data.length < p.total) return undefined;
    this.#head = undefined;
    if (head.picture) return new Blob([this.#data], { type: 'image/png' });
    return new TextDecoder().decode(this.#data);
  }
}

/** What tells one content from another. */
export async function digestOf(content: Content): Promise<string> {
  const data = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(await content.arrayBuffer());
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(hash, (b) => b.toString(16)).join(' ');
}
