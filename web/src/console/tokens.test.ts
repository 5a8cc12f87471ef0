// Holds the colours of tokens.css to WCAG 2.2: text 4.5:1 (1.4.3), what must
// be told apart otherwise 3:1 (1.4.11), in both schemes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync('web/src/lib/tokens.css', 'utf8');

/** The colours that a rule sets, by name. */
function colours(selector: string): Record<string, string> {
  const from = css.indexOf(`${selector} {`);
  assert.ok(from >= 0, `there is no rule ${selector}`);
  const body = css.slice(from, css.indexOf('}', from));
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\b(?![0-9a-f])/g)].map((m) => [m[1], m[2]]));
}

const light = colours(':root');
const dark = { ...light, ...colours(':root[data-theme="dark"]') };
const system = { ...light, ...colours(':root:not([data-theme="light"])') };

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** What is written on what. */
const text: [ink: string, grounds: string[]][] = [
  ['ink', ['ground', 'surface', 'accent-soft', 'good-soft', 'warn-soft', 'bad-soft']],
  ['ink-soft', ['ground', 'surface', 'accent-soft']],
  ['accent', ['ground', 'surface', 'accent-soft']],
  ['on-accent', ['accent', 'accent-strong']],
  ['good', ['ground', 'surface', 'good-soft']],
  ['warn', ['ground', 'surface', 'warn-soft']],
  ['bad', ['ground', 'surface', 'bad-soft', 'accent-soft']],
  ['on-bad', ['bad']],
];

/** What must stand out without being text. */
const signs: [sign: string, grounds: string[]][] = [
  ['edge', ['ground', 'surface']],
  ['focus', ['ground', 'surface', 'accent-soft', 'warn-soft', 'bad-soft']],
  ['seen', ['accent-soft', 'surface']],
  ['surface', ['edge']],
];

for (const [name, scheme] of Object.entries({ light, dark })) {
  for (const [pairs, least] of [[text, 4.5], [signs, 3]] as const) {
    for (const [front, grounds] of pairs) {
      test(`${name}: ${front} stands out ${least}:1`, () => {
        for (const ground of grounds) {
          const ratio = contrast(scheme[front]!, scheme[ground]!);
          assert.ok(ratio >= least, `${front} on ${ground}: ${ratio.toFixed(2)}`);
        }
      });
    }
  }
}

test('the dark scheme is the same by system and by choice', () => assert.deepEqual(system, dark));

test('the contrast of black on white is 21', () => assert.equal(contrast('#000000', '#ffffff'), 21));
