import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMarks, type Picture } from './find';

/** A picture with something on it that is no mark. */
function screen(width: number, height: number): Picture {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) data.set([(i * 7) % 255, (i * 13) % 200, 90, 255], 4 * i);
  return { width, height, data };
}

function fill({ width, data }: Picture, x: number, y: number, w: number, h: number, colour: number[]): void {
  for (let j = y; j < y + h; j++) for (let i = x; i < x + w; i++) data.set([...colour, 255], 4 * (j * width + i));
}

/** Draws a mark as the helper does. */
function mark(p: Picture, id: number, x: number, y: number, cell: number): void {
  fill(p, x, y, 8 * cell, 8 * cell, [250, 8, 246]); // about magenta, as capturing leaves it
  fill(p, x + cell, y + cell, 6 * cell, 6 * cell, [255, 255, 255]);
  for (let bit = 0; bit < 16; bit++) {
    if ((id >> (15 - bit)) & 1) fill(p, x + (2 + (bit % 4)) * cell, y + (2 + (bit >> 2)) * cell, cell, cell, [5, 5, 5]);
  }
}

test('marks are found to the pixel, in any size', () => {
  for (const cell of [3, 5, 10, 23]) {
    const p = screen(800, 600);
    mark(p, 0xa5c3, 13, 27, cell);
    mark(p, 0xffff, 501, 301, cell);
    mark(p, 0x0001, 301, 31, cell); // that nobody asked for
    const found = findMarks(p, [0xa5c3, 0xffff]).sort((a, b) => a.left - b.left);
    assert.deepEqual(found, [
      { id: 0xa5c3, left: 13 / 800, top: 27 / 600, right: (13 + 8 * cell) / 800, bottom: (27 + 8 * cell) / 600 },
      { id: 0xffff, left: 501 / 800, top: 301 / 600, right: (501 + 8 * cell) / 800, bottom: (301 + 8 * cell) / 600 },
    ], `cells of ${cell}`);
  }
});

test('what only looks like a mark is none', () => {
  const p = screen(800, 600);
  fill(p, 10, 10, 80, 80, [255, 0, 255]);
  fill(p, 200, 10, 300, 80, [255, 0, 255]);
  mark(p, 7, 600, 400, 10);
  fill(p, 600, 400, 20, 80, [0, 0, 0]); // half covered
  mark(p, 9, 10, 300, 2); // too small to be read
  assert.deepEqual(findMarks(p, [7, 9, 0xffff, 0]), []);
});
