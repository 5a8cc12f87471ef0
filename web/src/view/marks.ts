// What an agent shows on the picture: a laser pointer and drawings. It goes
// from page to page, beside the picture; places are fractions of it, so that
// both sides may show it in any size.

/** A place on the picture: 0 to 1 from the left and from the top. */
export type Point = [x: number, y: number];

export type Shape = 'pen' | 'arrow' | 'box' | 'number';

/** One thing drawn. A pen has many points, an arrow and a box two, a number one or two. */
export interface Mark {
  id: string;
  shape: Shape;
  points: Point[];
  /** With 'number': which. */
  n?: number;
}

/** What the agent's page says on the channel. */
export type Showing =
  | { k: 'laser'; at: Point | null }
  /** A mark, new or longer; points beyond those known are added. */
  | { k: 'draw'; mark: Mark; from: number }
  | { k: 'undo'; id: string }
  | { k: 'clear' }
  /** The picture stands still, to be drawn on. */
  | { k: 'freeze'; on: boolean };

const MOST_MARKS = 500;
const MOST_POINTS = 2000; // of one mark
const MOST_TOGETHER = 20_000; // points of all marks
const MOST_SAID = 48 << 10; // bytes in one message

const place = (p: unknown): p is Point =>
  Array.isArray(p) && p.length === 2 && p.every((v) => typeof v === 'number' && v >= 0 && v <= 1);

/** Reads what an agent's page showed; undefined for what makes no sense. */
export function shown(data: unknown): Showing | undefined {
  if (typeof data !== 'string' || data.length > MOST_SAID) return undefined;
  let v: Record<string, unknown>;
  try {
    v = JSON.parse(data);
  } catch {
    return undefined;
  }
  switch (v?.['k']) {
    case 'laser':
      return v['at'] === null || place(v['at']) ? { k: 'laser', at: v['at'] } : undefined;
    case 'freeze':
      return typeof v['on'] === 'boolean' ? { k: 'freeze', on: v['on'] } : undefined;
    case 'clear':
      return { k: 'clear' };
    case 'undo':
      return typeof v['id'] === 'string' ? { k: 'undo', id: v['id'] } : undefined;
    case 'draw':
      return drawn(v['mark'], v['from']);
  }
  return undefined;
}

function drawn(mark: unknown, from: unknown): Showing | undefined {
  if (typeof mark !== 'object' || mark === null || typeof from !== 'number') return undefined;
  const { id, shape, points, n } = mark as Record<string, unknown>;
  if (typeof id !== 'string' || id.length > 64 || !Array.isArray(points) || points.length > MOST_POINTS || !points.every(place)) return undefined;
  if (shape !== 'pen' && shape !== 'arrow' && shape !== 'box' && shape !== 'number') return undefined;
  if (shape === 'number' && !(typeof n === 'number' && n > 0 && n < 1000)) return undefined;
  return { k: 'draw', from, mark: { id, shape, points, ...(shape === 'number' ? { n: n as number } : {}) } };
}

/** What one agent has drawn, and points at. */
export class Marks {
  marks: Mark[] = [];
  laser: Point | null = null;
  frozen = false;

  /** Takes one thing shown, and says whether anything looks different now. */
  take(s: Showing): boolean {
    switch (s.k) {
      case 'laser':
        this.laser = s.at;
        return true;
      case 'freeze':
        this.frozen = s.on;
        return true;
      case 'clear':
        this.marks = [];
        return true;
      case 'undo':
        this.marks = this.marks.filter((m) => m.id !== s.id);
        return true;
      case 'draw':
        return this.#draw(s.mark, s.from);
    }
  }

  #draw(mark: Mark, from: number): boolean {
    const known = this.marks.find((m) => m.id === mark.id);
    const others = this.marks.reduce((sum, m) => sum + (m === known ? 0 : m.points.length), 0);
    if (others + from + mark.points.length > MOST_TOGETHER) return false;
    if (!known) {
      if (from !== 0 || this.marks.length >= MOST_MARKS) return false;
      this.marks.push({ ...mark, points: [...mark.points] });
      return true;
    }
    if (from > known.points.length || from + mark.points.length > MOST_POINTS) return false;
    known.points.splice(from, known.points.length, ...mark.points);
    return true;
  }
}

const AT_ONCE = 1_000_000; // what a page may show at once, in characters: all marks that there may be
const EACH_SECOND = 200_000; // and for how long
const EACH = 100; // what a message weighs beside its characters

/** Bounds how much an agent's page shows, so that it can't keep the other from everything else. */
export class Budget {
  #left = AT_ONCE;
  #at = 0;

  /** Says whether there is room for a message at a time in milliseconds. */
  takes(data: unknown, now: number): boolean {
    this.#left = Math.min(AT_ONCE, this.#left + ((now - this.#at) * EACH_SECOND) / 1000);
    this.#at = now;
    const weight = EACH + (typeof data === 'string' ? data.length : MOST_SAID);
    if (weight > this.#left) return false;
    this.#left -= weight;
    return true;
  }
}

const COLOURS = ['#e5006d', '#0062e0', '#c24d00']; // one for each agent; seen on light and dark

/** Paints what agents show over a picture, in the canvas's own pixels. */
export function paint(canvas: HTMLCanvasElement, all: readonly Marks[]): void {
  const c = canvas.getContext('2d')!;
  const { width, height } = canvas;
  c.clearRect(0, 0, width, height);
  const size = Math.max(2, Math.min(width, height) / 180); // of a line
  c.lineCap = c.lineJoin = 'round';
  all.forEach(({ marks, laser }, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    for (const m of marks) draw(c, m, m.points.map(([x, y]) => [x * width, y * height]), size, colour);
    if (laser) spot(c, laser[0] * width, laser[1] * height, size * 4);
  });
}

function draw(c: CanvasRenderingContext2D, m: Mark, points: [number, number][], size: number, colour: string): void {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return;
  const path = new Path2D();
  path.moveTo(...first);
  if (m.shape === 'pen') for (const p of points) path.lineTo(...p);
  if (m.shape === 'box') path.rect(first[0], first[1], last[0] - first[0], last[1] - first[1]);
  if ((m.shape === 'arrow' || m.shape === 'number') && points.length > 1) arrow(path, first, last, size * 6);
  for (const [style, width] of [['#fff', size * 2.2], [colour, size]] as const) {
    c.strokeStyle = style;
    c.lineWidth = width;
    c.stroke(path);
  }
  if (m.shape === 'number') badge(c, first, size * 5, String(m.n), colour);
}

function arrow(path: Path2D, from: [number, number], to: [number, number], size: number): void {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  path.lineTo(...to);
  for (const turn of [2.6, -2.6]) {
    path.moveTo(...to);
    path.lineTo(to[0] + size * Math.cos(angle + turn), to[1] + size * Math.sin(angle + turn));
  }
}

function badge(c: CanvasRenderingContext2D, [x, y]: [number, number], radius: number, text: string, colour: string): void {
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.fillStyle = colour;
  c.fill();
  c.strokeStyle = c.fillStyle = '#fff';
  c.lineWidth = radius / 5;
  c.stroke();
  c.font = `600 ${radius * 1.2}px system-ui, sans-serif`;
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  c.fillText(text, x, y);
}

function spot(c: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  const glow = c.createRadialGradient(x, y, 0, x, y, radius);
  glow.addColorStop(0, '#ff1744');
  glow.addColorStop(0.35, '#ff1744e0');
  glow.addColorStop(1, '#ff174400');
  c.fillStyle = glow;
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.fill();
  c.fillStyle = '#fff';
  c.beginPath();
  c.arc(x, y, radius / 6, 0, 2 * Math.PI);
  c.fill();
}
