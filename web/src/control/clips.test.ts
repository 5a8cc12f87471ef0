import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector, digestOf, piecesOf } from './clips';
import { MAX_CLIPBOARD, MAX_PIECE } from './wire';

test('text and pictures come out as they went in', async () => {
  const c = new Collector();
  const text = 'Grüße 😀 '.repeat(20_000);
  const pieces = await piecesOf(text);
  assert.ok(pieces.length > 5 && pieces.every((p) => p.data.length <= MAX_PIECE));
  assert.equal(pieces.map((p) => c.take(p)).at(-1), text);
  const picture = new Blob([crypto.getRandomValues(new Uint8Array(40_000))], { type: 'image/png' });
  const got = (await piecesOf(picture)).map((p) => c.take(p)).at(-1) as Blob;
  assert.deepEqual(new Uint8Array(await got.arrayBuffer()), new Uint8Array(await picture.arrayBuffer()));
  assert.equal(await digestOf(got), await digestOf(picture));
  assert.notEqual(await digestOf('a'), await digestOf('b'));
});

test('nothing and too much are not sent', async () => {
  assert.deepEqual(await piecesOf(''), []);
  assert.deepEqual(await piecesOf('a'.repeat(MAX_CLIPBOARD + 1)), []);
});

test('pieces of another content don’t mix', async () => {
  const c = new Collector();
  const [a] = await piecesOf('a'.repeat(MAX_PIECE + 1));
  const [, b] = await piecesOf('b'.repeat(MAX_PIECE + 1));
  c.take(a!);
  assert.equal(c.take(b!), undefined);
});
