// How far the agent has read, and so where the divider "New messages" stands
// and what the pill counts.

import type { Item } from '../../lib/conversation';

export class Reading {
  /** The last number that was in view. */
  seen = 0;
  /** The divider stands behind this number; -1 for none. */
  dividerAfter = -1;
  private known = 0;

  /** Begins where the agent stopped to read, in whatever tab. */
  begin(read: number, known: number): void {
    this.seen = read > 0 ? Math.min(read, known) : known;
    this.known = known;
    if (this.seen < known) this.dividerAfter = this.seen;
  }

  /** Takes note of the newest number. news says that others wrote since the one before. */
  arrive(number: number, news: boolean, inView: boolean): void {
    if (news && !inView && (this.dividerAfter < 0 || this.seen === this.known)) this.dividerAfter = this.seen;
    this.known = Math.max(this.known, number);
    if (inView) this.seen = this.known;
  }

  /** The newest messages are in view now. Says whether that is new. */
  look(): boolean {
    const news = this.seen < this.known;
    this.seen = this.known;
    return news;
  }

  /** Who writes has read. */
  write(): void {
    this.look();
    this.dividerAfter = -1;
  }
}

/** Returns what others said after a number. */
export function saidAfter(items: readonly Item[], seq: number, me: string): Item[] {
  const news: Item[] = [];
  for (let i = items.length - 1; i >= 0 && items[i]!.seq > seq; i--) {
    if (items[i]!.kind !== 'line' && items[i]!.by !== me) news.unshift(items[i]!);
  }
  return news;
}
