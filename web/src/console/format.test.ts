import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countdown, dayName, duration, groupKey, spellKey } from './format';

const now = new Date('2026-11-23T14:05:00Z');
const left = (seconds: number) => countdown(new Date(now.getTime() + seconds * 1000), now);

test('a countdown shows minutes and seconds, hours where there are any', () => {
  assert.equal(left(3600), '1:00:00');
  assert.equal(left(3599), '59:59');
  assert.equal(left(61), '1:01');
  assert.equal(left(9), '0:09');
  assert.equal(left(86_400), '24:00:00');
});

test('a countdown is 0:00 only when the time is over', () => {
  assert.equal(left(0.1), '0:01');
  assert.equal(left(0), '0:00');
  assert.equal(left(-5), '0:00');
});

test('keys are grouped for eyes and spelt for ears', () => {
  assert.equal(groupKey('123456789'), '123-456-789');
  assert.equal(groupKey(''), '');
  assert.equal(spellKey('123456789'), '1 2 3, 4 5 6, 7 8 9');
});

test('durations are in whole minutes', () => {
  assert.equal(duration(20_000), '< 1 min');
  assert.equal(duration(23 * 60_000), '23 min');
  assert.equal(duration(60 * 60_000), '1 hr');
  assert.equal(duration(65 * 60_000), '1 hr 5 min');
});

test('days have names', () => {
  const at = (days: number) => new Date(now.getTime() - days * 86_400_000);
  assert.equal(dayName(at(0), now), 'Today');
  assert.equal(dayName(at(1), now), 'Yesterday');
  assert.match(dayName(at(2), now), /21/);
});
