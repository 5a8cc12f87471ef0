import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ordered, Pace } from './sending';

const codecs = ['VP8', 'rtx', 'VP9', 'H264', 'red', 'AV1'].map((c) => ({ mimeType: `video/${c}` }));
const names = (slow: string[] = []) => ordered(codecs, new Set(slow)).map((c) => c.mimeType.slice(6));

test('codecs are tried by what they do best for screens', () => {
  assert.deepEqual(names(), ['AV1', 'H264', 'VP9', 'VP8', 'rtx', 'red']);
});

test('what is too slow comes last, and is still there', () => {
  assert.deepEqual(names(['video/av1']), ['H264', 'VP9', 'VP8', 'AV1', 'rtx', 'red']);
  assert.deepEqual(names(['video/av1', 'video/h264']), ['VP9', 'VP8', 'AV1', 'H264', 'rtx', 'red']);
});

test('a codec is too slow when it was so for some time', () => {
  const pace = new Pace();
  let frames = 0;
  let time = 0;
  const look = (each: number, codec = 'video/av1') => pace.look({ framesEncoded: (frames += 20), totalEncodeTime: (time += (20 * each) / 1000), codec });
  assert.deepEqual([look(50), look(50), look(50)], [undefined, undefined, undefined]); // the first look has nothing to compare with
  assert.equal(look(50), 'video/av1');
  assert.deepEqual([look(50), look(50), look(10), look(50), look(50)], Array(5).fill(undefined)); // one good look begins anew
  assert.equal(look(50), 'video/av1');
  assert.equal(look(50, 'video/vp8'), undefined);
});
