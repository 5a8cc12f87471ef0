import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reading } from './session/reading';
import { earlier, follow, later, MOST, newest, type Span, STEP } from './session/window';

test('the page begins with the newest lines', () => {
  assert.deepEqual(follow({ from: 0, upto: 0 }, 0, 10, true), { from: 0, upto: 10 });
  assert.deepEqual(follow({ from: 0, upto: 0 }, 0, 6000, true), { from: 6000 - (MOST - STEP), upto: 6000 });
});

test('who reads the end goes on with it', () => {
  let span: Span = newest(200);
  for (let n = 201; n <= 5000; n++) {
    span = follow(span, n - 1, n, true);
    assert.equal(span.upto, n);
    assert.ok(span.upto - span.from <= MOST);
  }
});

test('who reads older lines keeps them', () => {
  const old = { from: 100, upto: 350 };
  assert.deepEqual(follow(old, 600, 700, false), old);
  const full = { from: 300, upto: 600 };
  assert.deepEqual(follow(full, 600, 700, false), full);
});

test('lines are added below older ones while there is room', () => {
  assert.deepEqual(follow({ from: 500, upto: 600 }, 600, 650, false), { from: 500, upto: 650 });
});

test('earlier and later lines come in steps, and never too many', () => {
  const start = newest(1000);
  const back = earlier(earlier(start));
  assert.deepEqual(back, { from: 600, upto: 900 });
  assert.deepEqual(later(back, 1000), { from: 700, upto: 1000 });
  assert.deepEqual(earlier({ from: 40, upto: 90 }), { from: 0, upto: 90 });
});

test('a line that was discarded leaves no hole', () => {
  assert.deepEqual(follow({ from: 0, upto: 10 }, 10, 9, true), { from: 0, upto: 9 });
});

test('the divider stays where reading stopped, until the agent writes', () => {
  const reading = new Reading();
  reading.begin(0, 10);
  assert.equal(reading.dividerAfter, -1);
  reading.arrive(11, true, false);
  reading.arrive(12, true, false);
  assert.equal(reading.dividerAfter, 10);
  reading.look();
  assert.equal(reading.dividerAfter, 10);
  reading.arrive(13, true, false);
  assert.equal(reading.dividerAfter, 12);
  reading.write();
  assert.equal(reading.dividerAfter, -1);
});

test('what comes while it is in view needs no divider', () => {
  const reading = new Reading();
  reading.begin(0, 10);
  reading.arrive(11, true, true);
  assert.equal(reading.dividerAfter, -1);
  assert.equal(reading.seen, 11);
});

test('a page that opens anew divides at what was read in another', () => {
  const reading = new Reading();
  reading.begin(7, 10);
  assert.equal(reading.dividerAfter, 7);
});
