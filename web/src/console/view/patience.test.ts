import assert from 'node:assert/strict';
import { test } from 'node:test';
import { now } from '../ticker';
import { secondsLeft } from './patience';

test('a request waits for a minute, whatever the agent’s clock says', () => {
  now.value = new Date('2026-01-01T12:00:00.000Z');
  const asked = (ago: number) => secondsLeft(new Date(now.value.getTime() - ago * 1000).toISOString());
  assert.deepEqual([asked(0), asked(1), asked(59.9), asked(60), asked(300)], [60, 59, 1, 0, 0]);
  assert.deepEqual([asked(-0.4), asked(-300)], [60, 60]); // the server's clock is ahead
});
