import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkify, linkTo } from './linkify';

/** The links of a text. */
const links = (text: string) => linkify(text).filter((p) => p.href).map((p) => p.href);

test('the pieces of a text are the text', () => {
  for (const text of ['', 'no link', 'see https://example.org/a, then (http://b.example/c(d)).', 'https://a.example https://b.example']) {
    assert.equal(linkify(text).map((p) => p.text).join(''), text);
  }
});

test('http, https and mailto become links', () => {
  assert.deepEqual(links('http://a.example/ HTTPS://B.example/x mailto:ada@example.org'), ['http://a.example/', 'https://b.example/x', 'mailto:ada@example.org']);
});

test('nothing else does', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'ftp://a.example', 'www.example.org', 'xhttps://a.example', 'https://', '<a href=x>']) {
    assert.deepEqual(links(text), [], text);
  }
});

test('the end of a sentence is no part of an address', () => {
  assert.deepEqual(links('Look at https://a.example/b. (Or https://a.example/c_(d)!)'), ['https://a.example/b', 'https://a.example/c_(d)']);
});

test('an address with a user name, which reads as another host, is no link', () => {
  assert.deepEqual(links('https://bank.example@evil.example/'), []);
});

test('a host in look-alike letters shows as what it is', () => {
  const link = linkTo('https://аpple.example/'); // the first letter is Cyrillic
  assert.match(link!.text, /^https:\/\/xn--/);
  assert.equal(linkTo('https://Example.org/a')!.text, 'https://Example.org/a');
});

test('marks that turn the direction of text end an address', () => {
  assert.deepEqual(links('https://a.example/\u202Egpj.exe'), ['https://a.example/']);
});
