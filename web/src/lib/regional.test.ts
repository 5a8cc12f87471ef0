import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regional } from './regional';

test('times are written as the reader’s region does, in the language of the page', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { languages: ['fr-FR', 'en-GB', 'en-US', 'de'] }, configurable: true });
  assert.deepEqual(['en', 'de', 'it'].map(regional), ['en-GB', 'de', 'it']);
  if (before) Object.defineProperty(globalThis, 'navigator', before);
  else Reflect.deleteProperty(globalThis, 'navigator');
  assert.equal(new Date(2026, 0, 1, 14, 5).toLocaleTimeString('en-GB', { timeStyle: 'short' }), '14:05');
});
