import assert from 'node:assert/strict';
import { test } from 'node:test';
import { size } from './size';

test('sizes are decimal, short, and in the language of the reader', () => {
  for (const [bytes, lang, said] of [
    [0, 'en', '0 bytes'], [1, 'en', '1 byte'], [999, 'de', '999 Byte'], [1000, 'en', '1 kB'], [700_000, 'de', '700 kB'],
    [999_499, 'en', '999 kB'], [999_500, 'en', '1 MB'], [2_440_000, 'en', '2.4 MB'], [2_440_000, 'de', '2,4 MB'],
    [9_960_000, 'en', '10 MB'], [2_147_483_648, 'en', '2.1 GB'], [5e15, 'en', '5,000 TB'],
  ] as const) {
    assert.equal(size(bytes, lang).replace('\u00a0', ' '), said);
  }
});
