// Finds the helper's marks in a picture of the screen. A mark is a square of 8
// by 8 cells: a ring of magenta, within it one of white, and within that 16
// bits of its number, black for 1, by rows (internal/helper/mark.go).

/** A mark's edges, as parts of the picture. */
export interface Found {
  id: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Picture {
  width: number;
  height: number;
  /** RGBA. */
  data: Uint8ClampedArray;
}

const CELLS = 8;
const STEP = 4; // pixels between those that are looked at first
const LEAST = 24; // pixels of a mark's side

/** Finds the marks with these numbers. */
export function findMarks(picture: Picture, ids: readonly number[]): Found[] {
  const { width, height } = picture;
  const seen = new Uint8Array(Math.ceil(width / STEP) * Math.ceil(height / STEP));
  const found: Found[] = [];
  for (let y = 0; y < height; y += STEP) {
    for (let x = 0; x < width; x += STEP) {
      if (seen[at(picture, x, y)] || !magenta(picture, x, y)) continue;
      const box = refine(picture, spread(picture, seen, x, y));
      const id = box && read(picture, box);
      if (id === undefined || !box || !ids.includes(id) || found.some((f) => f.id === id)) continue;
      found.push({ id, left: box.left / width, top: box.top / height, right: box.right / width, bottom: box.bottom / height });
    }
  }
  return found;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const at = ({ width }: Picture, x: number, y: number) => (y / STEP) * Math.ceil(width / STEP) + x / STEP;

/** Capturing leaves colours nearly as they are; their edges are blurred. */
function magenta({ width, data }: Picture, x: number, y: number): boolean {
  const i = 4 * (y * width + x);
  return data[i]! > 170 && data[i + 1]! < 100 && data[i + 2]! > 170;
}

function light({ width, data }: Picture, x: number, y: number): number {
  const i = 4 * (Math.round(y) * width + Math.round(x));
  return 0.3 * data[i]! + 0.6 * data[i + 1]! + 0.1 * data[i + 2]!;
}

/** What hangs together with a place, roughly. */
function spread(picture: Picture, seen: Uint8Array, x: number, y: number): Box {
  const box = { left: x, top: y, right: x, bottom: y };
  const next: [number, number][] = [[x, y]];
  seen[at(picture, x, y)] = 1;
  for (let p = next.pop(); p; p = next.pop()) {
    const [px, py] = p;
    box.left = Math.min(box.left, px);
    box.right = Math.max(box.right, px);
    box.top = Math.min(box.top, py);
    box.bottom = Math.max(box.bottom, py);
    for (const [dx, dy] of [[STEP, 0], [-STEP, 0], [0, STEP], [0, -STEP]] as const) {
      const [nx, ny] = [px + dx, py + dy];
      if (nx < 0 || ny < 0 || nx >= picture.width || ny >= picture.height || seen[at(picture, nx, ny)] || !magenta(picture, nx, ny)) continue;
      seen[at(picture, nx, ny)] = 1;
      next.push([nx, ny]);
    }
  }
  return box;
}

/** Moves the edges to the very pixel; undefined for what is no square. */
function refine(picture: Picture, rough: Box): Box | undefined {
  const { width, height } = picture;
  const [midX, midY] = [(rough.left + rough.right) >> 1, (rough.top + rough.bottom) >> 1];
  let { left, top, right, bottom } = rough;
  while (left > 0 && magenta(picture, left - 1, midY)) left--;
  while (right + 1 < width && magenta(picture, right + 1, midY)) right++;
  while (top > 0 && magenta(picture, midX, top - 1)) top--;
  while (bottom + 1 < height && magenta(picture, midX, bottom + 1)) bottom++;
  const box = { left, top, right: right + 1, bottom: bottom + 1 };
  const [w, h] = [box.right - box.left, box.bottom - box.top];
  return w >= LEAST && h >= LEAST && w / h > 0.8 && w / h < 1.25 ? box : undefined;
}

/** Reads a mark's number; undefined where the rings are not there. */
function read(picture: Picture, box: Box): number | undefined {
  const [w, h] = [(box.right - box.left) / CELLS, (box.bottom - box.top) / CELLS];
  const place = (cx: number, cy: number) => [box.left + (cx + 0.5) * w - 0.5, box.top + (cy + 0.5) * h - 0.5] as const;
  let id = 0;
  for (let cy = 0; cy < CELLS; cy++) {
    for (let cx = 0; cx < CELLS; cx++) {
      const ring = Math.min(cx, cy, CELLS - 1 - cx, CELLS - 1 - cy);
      const [x, y] = place(cx, cy);
      if (ring === 0 && !magenta(picture, Math.round(x), Math.round(y))) return undefined;
      if (ring === 1 && light(picture, x, y) < 170) return undefined;
      if (ring > 1) id = id * 2 + +(light(picture, x, y) < 128);
    }
  }
  return id;
}
