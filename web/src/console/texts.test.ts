// Holds the sources of the Console to its catalogue: each text that they name
// is there, and none is there that they don't name.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { find } from './palette';
import { parse } from './router';
import { tagsOf } from './session/tags';

const read = (file: string): Record<string, string> => JSON.parse(readFileSync(`web/texts/${file}.json`, 'utf8'));
const own = Object.keys(read('console.en'));
const all = new Set([...own, ...Object.keys({ ...read('lines.en'), ...read('errors.en'), ...read('files.en') })]);

const source = readdirSync('web/src/console', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.') && !name.startsWith('gallery'))
  .map((name) => readFileSync(`web/src/console/${name}`, 'utf8')).join('\n');

/** Keys written whole, and those of which only the beginning or end is. */
const whole = [...source.matchAll(/'([a-z][a-zA-Z-]*(?:\.[a-z-]+)*)'/g)].map((m) => m[1]!);
const called = [...source.matchAll(/\bt\('([^']+)'/g)].map((m) => m[1]!);
const patterns = [...source.matchAll(/\b(?:t\(|key = |const key = )`([^`]+)`/g)].map((m) => new RegExp(`^${m[1]!.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '.+')}$`));

test('each text that the sources name is in the catalogue', () => {
  assert.ok(called.length > 100);
  assert.deepEqual(called.filter((key) => !all.has(key)), []);
  for (const p of patterns) assert.ok([...all].some((key) => p.test(key)), `nothing fits ${p}`);
});

test('each text of the catalogue is used', () => {
  const used = new Set(whole);
  assert.deepEqual(own.filter((key) => !used.has(key) && !patterns.some((p) => p.test(key)) && !key.startsWith('error.')), []);
});

test('paths lead to screens', () => {
  assert.deepEqual(parse('/support'), { screen: 'support' });
  assert.deepEqual(parse('/support/AB'), { screen: 'session', id: 'AB' });
  assert.deepEqual(parse('/history/AB'), { screen: 'past', id: 'AB' });
  assert.deepEqual(parse('/texts'), { screen: 'texts' });
  for (const path of ['/', '/sign-in', '/texts/en', '/support/a/b', '/historyx']) assert.equal(parse(path).screen, 'nowhere', path);
});

test('the palette finds actions by the words of their labels', () => {
  const actions = ['End session', 'Next session', 'Send SMS'].map((label) => ({ id: label, label, run: () => undefined }));
  const found = (typed: string) => find(actions, typed).map((a) => a.label);
  assert.deepEqual(found(''), ['End session', 'Next session', 'Send SMS']);
  assert.deepEqual(found('SESS end'), ['End session']);
  assert.deepEqual(found('xyz'), []);
});

test('tags stand between commas, each once', () => {
  assert.deepEqual(tagsOf(' printer, hardware ,, printer'), ['printer', 'hardware']);
  assert.deepEqual(tagsOf(''), []);
});
