import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heard, type Says } from './says';

const good: Says[] = [
  { k: 'hello', page: 'p', seal: 's' },
  { k: 'sdp', page: 'p', link: 'l', nonce: 'n', sdp: { type: 'offer', sdp: 'v=0' } },
  { k: 'ice', page: 'p', link: 'l', ice: { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'u' } },
  { k: 'bye', page: 'p' },
];

test('what pages say is heard as it was said', () => {
  for (const said of good) assert.deepEqual(heard(JSON.stringify(said)), said);
});

test('what makes no sense is not heard', () => {
  for (const said of [
    '', 'hello', 'null', '[]', '7', '{}', '{"k":"hello"}', '{"k":"hello","page":7,"seal":"s"}', '{"k":"hello","page":"p","seal":""}',
    `{"k":"bye","page":"${'p'.repeat(65)}"}`, '{"k":"sdp","page":"p","link":"l","nonce":"n","sdp":null}',
    '{"k":"sdp","page":"p","link":"l","nonce":"n","sdp":{"type":"rollback","sdp":"v=0"}}',
    `{"k":"sdp","page":"p","link":"l","nonce":"n","sdp":{"type":"offer","sdp":"${'v'.repeat(33 << 10)}"}}`,
    '{"k":"ice","page":"p","link":"l","ice":"x"}', '{"k":"ice","page":"p","link":"l","ice":{"candidate":7}}', '{"k":"eval","page":"p"}',
  ]) {
    assert.equal(heard(said), undefined, said);
  }
});

test('whatever comes is heard in one of its forms, or not at all', () => {
  let seed = 7;
  const random = (n: number) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
  for (let i = 0; i < 20_000; i++) {
    const text = [...JSON.stringify(good[i % good.length])];
    for (let changes = 1 + random(4); changes > 0; changes--) text.splice(random(text.length), random(3), String.fromCharCode(32 + random(95)));
    const said = heard(text.join(''));
    if (said) assert.ok(['hello', 'sdp', 'ice', 'bye'].includes(said.k) && typeof said.page === 'string');
  }
});
