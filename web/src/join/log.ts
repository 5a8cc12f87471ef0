// The conversation on the screen: a window of at most MAX lines, drawn anew
// only where something changed.

import { draw, type Line, type Surroundings } from './bubble';
import { make } from './dom';
import type { Lines } from './lines';
import { Scroller } from './scroll';

const MAX = 300; // lines in the page at any time
const STEP = 100; // lines that come and go at once
const SAME_BREATH = 5 * 60_000; // milliseconds within which messages of one person stand together

interface Row {
  key: string;
  /** Changes when the row has to be drawn again. */
  look: string;
  draw(node: HTMLElement): void;
}

export class Log {
  readonly scroller: Scroller;
  #length = 0; // how many lines there are
  #from = 0; // those from here …
  #upto = 0; // … to before here are in the page
  readonly #nodes = new Map<string, { node: HTMLElement; look: string }>();
  #frame = 0;
  #dividerAt = 0; // the number of the first line that the reader has not seen
  #dividerText = '';
  #lines?: Lines;

  constructor(
    private readonly root: HTMLElement,
    private readonly earlier: HTMLButtonElement,
    box: HTMLElement,
    private readonly around: Surroundings,
    private readonly moved: () => void,
  ) {
    this.scroller = new Scroller(box, () => this.#scrolled());
    earlier.onclick = () => this.#loadEarlier();
  }

  /** Shows these lines from now on, and follows the newest where they go on. */
  open(lines: Lines, follow: boolean): void {
    this.#lines = lines;
    if (follow) this.scroller.toEnd();
    this.changed();
  }

  /** Shows with the next frame what has changed. */
  changed(): void {
    const all = this.#upto === this.#length;
    const { length } = this.#lines!;
    if (all && (this.scroller.atEnd || length - this.#from <= MAX)) this.#upto = length;
    this.#upto = Math.min(this.#upto, length);
    this.#length = length;
    if (this.#upto - this.#from > MAX) this.#from = this.#upto - MAX + STEP;
    this.#frame ||= requestAnimationFrame(() => this.paint());
  }

  /** Puts a line with this text above the one with this number; 0 takes it away. */
  divide(seq: number, text = ''): void {
    this.#dividerAt = seq;
    this.#dividerText = text;
  }

  /** Says whether the newest line is in the page and in view. */
  get atEnd(): boolean {
    return this.scroller.atEnd && this.#upto === this.#length;
  }

  toEnd(): void {
    this.#upto = this.#length;
    this.#from = Math.max(this.#from, this.#upto - MAX + STEP);
    this.paint();
    this.scroller.toEnd();
  }

  #loadEarlier(): void {
    const first = this.#at(this.#from);
    this.#from = Math.max(0, this.#from - STEP);
    this.#upto = Math.min(this.#upto, this.#from + MAX);
    this.scroller.keeping(first, () => this.paint());
  }

  #loadLater(): void {
    const last = this.#at(this.#upto - 1);
    this.#upto = Math.min(this.#length, this.#upto + STEP);
    this.#from = Math.max(this.#from, this.#upto - MAX);
    this.scroller.keeping(last, () => this.paint());
  }

  /** The node of the line at a place in the page. */
  #at(place: number): HTMLElement {
    return this.#nodes.get(this.#lines!.slice(place, place + 1)[0]!.key)!.node;
  }

  #scrolled(): void {
    if (this.scroller.atEnd && this.#upto < this.#length) this.#loadLater();
    this.moved();
  }

  /** Draws now what is in the page. */
  paint(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.earlier.hidden = this.#from === 0;
    this.#patch(this.#rows());
    this.scroller.settle();
    this.moved();
  }

  #rows(): Row[] {
    const rows: Row[] = [];
    let before: Line | undefined;
    for (const line of this.#lines!.slice(this.#from, this.#upto)) {
      const newDay = before?.at.toDateString() !== line.at.toDateString();
      const divided = line.seq > 0 && line.seq === this.#dividerAt;
      if (newDay) rows.push(this.#day(line.at));
      if (divided) rows.push(this.#divider());
      const joined = !newDay && !divided && together(before, line);
      rows.push({ key: line.key, look: JSON.stringify([line, joined, !!this.around.more]), draw: (n) => draw(n, line, joined, this.around) });
      before = line;
    }
    return rows;
  }

  #day(at: Date): Row {
    const name = dayName(at, this.around.lang);
    return { key: `day ${at.toDateString()}`, look: name, draw: (n) => { n.className = 'day'; n.textContent = name; } };
  }

  #divider(): Row {
    return { key: 'new', look: '', draw: (n) => { n.className = 'new'; n.textContent = this.#dividerText; } };
  }

  /** Makes the page's nodes those of the rows, in order. */
  #patch(rows: Row[]): void {
    const wanted = new Set(rows.map((r) => r.key));
    for (const [key, { node }] of this.#nodes) {
      if (wanted.has(key)) continue;
      node.remove();
      this.#nodes.delete(key);
    }
    let place = this.root.firstElementChild;
    for (const row of rows) {
      const node = this.#node(row);
      if (node === place) place = place.nextElementSibling;
      else this.root.insertBefore(node, place);
    }
  }

  #node(row: Row): HTMLElement {
    let known = this.#nodes.get(row.key);
    if (!known) this.#nodes.set(row.key, known = { node: make('div'), look: '-' });
    if (known.look !== row.look) row.draw(known.node);
    known.look = row.look;
    return known.node;
  }
}

function together(before: Line | undefined, line: Line): boolean {
  return !!before && !before.system && !line.system && before.name === line.name && before.own === line.own
    && line.at.getTime() - before.at.getTime() < SAME_BREATH;
}

/** Names a day: today, yesterday, or its date. */
function dayName(at: Date, lang: string): string {
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86_400_000);
  if (days < -1) return at.toLocaleDateString(lang, { dateStyle: 'full' });
  return new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }).format(days, 'day');
}
