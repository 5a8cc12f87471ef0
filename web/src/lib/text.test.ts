import assert from 'node:assert/strict';
import { test } from 'node:test';
import { texts, type Params } from './text';

function say(message: string, params: Params = {}, lang = 'en'): string {
  return texts({ key: message }, lang)('key', params);
}

test('a text is filled with its parameters', () => {
  assert.equal(say('Hello'), 'Hello');
  assert.equal(say('{name} is typing', { name: 'Ada' }), 'Ada is typing');
  assert.equal(say('{a} and { b }', { a: 'x', b: 'y' }), 'x and y');
  assert.equal(say('{gone}.', {}), '.');
  assert.equal(say('{brace'), '');
});

test('a key that is missing shows itself', () => {
  assert.equal(texts({}, 'en')('no.such'), 'no.such');
});

test('what people wrote is text, whatever it looks like', () => {
  assert.equal(say('{a} says {b}', { a: '{b}', b: '$& # {a}' }), '{b} says $& # {a}');
  assert.equal(say('{n, plural, one {# by {who}} other {#s by {who}}}', { n: 1, who: 'C#' }), '1 by C#');
});

test('numbers stand as the language writes them', () => {
  assert.equal(say('{n}', { n: 4000 }), '4,000');
  assert.equal(say('{n}', { n: 4000 }, 'de'), '4.000');
  assert.equal(say('{n, plural, other {# Zeichen}}', { n: 4000 }, 'de'), '4.000 Zeichen');
});

test('plurals follow the language, exact numbers first', () => {
  const minutes = '{n, plural, =0 {no time} one {# minute} other {# minutes}} ago';
  assert.deepEqual([0, 1, 2].map((n) => say(minutes, { n })), ['no time ago', '1 minute ago', '2 minutes ago']);
  const polish = '{n, plural, one {plik} few {pliki} many {plików} other {pliku}}';
  assert.deepEqual([1, 2, 5].map((n) => say(polish, { n }, 'pl')), ['plik', 'pliki', 'plików']);
});

test('select chooses by a word, and nests', () => {
  const message = '{who, select, agent {{n, plural, one {Ada sent one} other {Ada sent #}}} other {Somebody with #}}';
  assert.equal(say(message, { who: 'agent', n: 1 }), 'Ada sent one');
  assert.equal(say(message, { who: 'agent', n: 3 }), 'Ada sent 3');
  assert.equal(say(message, { who: 'guest', n: 3 }), 'Somebody with #');
});
