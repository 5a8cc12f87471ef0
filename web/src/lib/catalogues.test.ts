// Holds the catalogues in web/texts to each other: what one language says,
// the other says too.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AgentConversation } from './agentconversation';

const folder = 'web/texts';
const languages = ['en', 'de'];
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const apps = [...new Set(files.map((name) => name.split('.')[0]!))];

function catalogue(app: string, language: string): Record<string, string> {
  return JSON.parse(readFileSync(`${folder}/${app}.${language}.json`, 'utf8'));
}

/** The parameters of a message, whatever stands between them. */
function placeholders(message: string): string[] {
  return [...new Set([...message.matchAll(/\{\s*([a-zA-Z]\w*)\s*[,}]/g)].map((m) => m[1]!))].sort();
}

test('each app has each language', () => {
  assert.deepEqual(files.sort(), apps.flatMap((app) => languages.map((l) => `${app}.${l}.json`)).sort());
  assert.ok(apps.length > 1);
});

for (const app of apps) {
  test(`${app}: both languages have the same keys with the same parameters`, () => {
    const [en, de] = languages.map((l) => catalogue(app, l)) as [Record<string, string>, Record<string, string>];
    assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
    for (const key of Object.keys(en)) {
      assert.deepEqual(placeholders(de[key]!), placeholders(en[key]!), key);
    }
  });

  for (const language of languages) {
    test(`${app}.${language}: nothing is empty, begs, or calls people's input invalid`, () => {
      for (const [key, message] of Object.entries(catalogue(app, language))) {
        assert.ok(message.trim(), key);
        assert.doesNotMatch(message, /\bplease\b|\bbitte\b|\binvalid|\bungültig/i, key);
      }
    });

    test(`${app}.${language}: braces close, and each choice has an other`, () => {
      for (const [key, message] of Object.entries(catalogue(app, language))) {
        assert.equal(message.split('{').length, message.split('}').length, key);
        for (const choice of message.matchAll(/\{\s*\w+\s*,\s*(plural|select)\s*,/g)) {
          assert.match(message.slice(choice.index), /\bother\s*\{/, key);
        }
      }
    });
  }
}

for (const language of languages) {
  const lines = catalogue('lines', language);

  test(`errors.${language}: every refusal has its words`, () => {
    const codes = [...readFileSync('error.go', 'utf8').matchAll(/^\tCode\w+\s+Code = "(.+?)"/gm)].map((m) => `error.${m[1]}`);
    assert.ok(codes.length > 20);
    assert.deepEqual(Object.keys(catalogue('errors', language)).sort(), codes.sort());
  });

  test(`lines.${language}: every line of a conversation has its words`, () => {
    const folds = 'testdata/fold';
    const missing = readdirSync(folds).flatMap((name) => {
      const c = new AgentConversation();
      c.apply(JSON.parse(readFileSync(`${folds}/${name}`, 'utf8')).events);
      return c.items.flatMap((i) => (i.kind === 'line' && !(i.key in lines) ? [i.key] : []));
    });
    assert.deepEqual(missing, []);
    const words = {
      'line.arrived': ['agent', 'end-user'], 'line.invited': ['link', 'sms', 'email'],
      'line.invitation': ['sms', 'email', 'sent', 'delivered', 'refused', 'uncertain'],
      'line.ended': ['agent', 'end-user', 'abandoned'], 'line.rated': ['good', 'middling', 'bad'],
    };
    for (const [key, values] of Object.entries(words)) {
      assert.deepEqual(Object.keys(lines).filter((k) => k.startsWith(`${key}.`)).sort(), values.map((v) => `${key}.${v}`).sort());
    }
  });
}
