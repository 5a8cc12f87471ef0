import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isModifier, usageOf } from './keys';
import { Stream } from './stream';
import { decode, encode, type Frame, MAX_PIECE, type Message } from './wire';

const bytes = JSON.parse(readFileSync('internal/control/testdata/frames.json', 'utf8')) as Record<string, string>;

const frame = (...messages: Message[]): Frame => ({ stream: 1, number: 0, of: 0, next: 0, messages });

/** The same examples as internal/control's test has. */
const frames: Record<string, Frame> = {
  move: { stream: 0x01020304, number: 7, of: 0xfffefdfc, next: 9, messages: [{ k: 'move', at: { x: 1, y: 65535 } }] },
  press: frame({ k: 'press', button: 2, down: true, at: { x: 256, y: 2 } }),
  wheel: frame({ k: 'wheel', right: -120, down: 15, at: { x: 3, y: 4 } }),
  stroke: frame({ k: 'stroke', key: 0x4c, char: '', down: true }, { k: 'stroke', key: 0x1d, char: 'y', down: false }),
  text: frame({ k: 'text', text: 'Grüße 😀' }),
  rest: frame({ k: 'release' }, { k: 'alive' }, { k: 'fetch' }),
  piece: frame({ k: 'piece', id: 5, total: 4, offset: 1, picture: true, data: Uint8Array.of(0x89, 0x50, 0x4e) }),
  state: frame({ k: 'state', mode: 'theirs', clipboard: true, automatic: false }, { k: 'state', mode: 'on', clipboard: false, automatic: true }, { k: 'notice', why: 'elevated' }),
  ack: { stream: 2, number: 3, of: 1, next: 1, messages: [] },
};

test('frames are the bytes that the helper reads and writes', () => {
  assert.deepEqual(Object.keys(frames).sort(), Object.keys(bytes).sort());
  for (const [name, f] of Object.entries(frames)) {
    assert.equal(Buffer.from(encode(f)).toString('hex'), bytes[name], name);
    assert.deepEqual(decode(Uint8Array.from(Buffer.from(bytes[name]!, 'hex'))), f, name);
  }
});

test('what is no frame is none', () => {
  for (const hex of ['', '02', `01${'00'.repeat(15)}`, `01${'00'.repeat(16)}63`, `01${'00'.repeat(16)}010001`, `01${'00'.repeat(16)}050001ff`, `01${'00'.repeat(16)}0a0900`]) {
    assert.equal(decode(Buffer.from(hex, 'hex')), undefined, hex);
  }
  for (let i = 0; i < 10_000; i++) {
    const noise = crypto.getRandomValues(new Uint8Array(17 + (i % 60)));
    noise[0] = 1;
    decode(noise); // throws nothing
  }
});

test('streams hear everything once and in order, over a way that loses and doubles', () => {
  const [a, b] = [new Stream(), new Stream()];
  const heard: number[] = [];
  let now = 0;
  for (let i = 0; i < 5000 && heard.length < 300; i++) {
    if (i < 300) a.queue({ k: 'wheel', right: i, down: 0, at: { x: 0, y: 0 } });
    now += 50;
    const carry = (from: Stream, to: Stream) => from.out(now).flatMap((f) => [0, 1].filter((n) => (i * 7 + n * 3) % 5 > 1).flatMap(() => to.receive(f)));
    for (const m of carry(a, b)) if (m.k === 'wheel') heard.push(m.right);
    carry(b, a);
  }
  assert.deepEqual(heard, Array.from({ length: 300 }, (_, i) => i));
});

test('only so much is on its way at once, and goes again less and less often', () => {
  const s = new Stream();
  for (let i = 0; i < 100; i++) s.queue({ k: 'piece', id: 1, total: MAX_PIECE, offset: 0, picture: false, data: new Uint8Array(MAX_PIECE) });
  assert.deepEqual([0, 1, 250, 500, 750, 1750, 3750, 7700, 7750, 11_750].map((now) => s.out(now).length), [4, 0, 4, 0, 4, 4, 4, 0, 4, 4]);
  const small = new Stream();
  for (let i = 0; i < 100; i++) {
    small.queue({ k: 'alive' });
    small.out(0);
  }
  assert.ok(small.full);
});

test('keys have the usages of the HID tables', () => {
  for (const [code, usage] of [['KeyA', 4], ['Digit0', 0x27], ['Enter', 0x28], ['IntlBackslash', 0x64], ['F24', 0x73], ['MetaRight', 0xe7]] as const) assert.equal(usageOf(code), usage);
  assert.equal(usageOf('Power'), undefined);
  assert.ok(isModifier('AltRight') && !isModifier('AltGraph') && !isModifier('CapsLock'));
});
