import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Invitation, Letter } from '../api';
import { special } from './letter';
import { failed, repeatable, send } from './sending';

const original = globalThis.fetch;
afterEach(() => void (globalThis.fetch = original));

const letter: Letter = { via: 'sms', to: '0151 23456789', country: 'DE', language: 'de', word: '' };

/** Answers each request with the next of these; a number is the status of a refusal, 0 is no answer. Returns what was asked. */
function answering(...answers: (string | { status: number; code: string } | 'offline')[]): { path: string; id: string }[] {
  const asked: { path: string; id: string }[] = [];
  globalThis.fetch = (path, init) => {
    asked.push({ path: String(path), ...(JSON.parse(String(init!.body)) as { id: string }) });
    const answer = answers.shift()!;
    if (answer === 'offline') return Promise.reject(new TypeError('no network'));
    if (typeof answer === 'string') return Promise.resolve(Response.json({ invitation: answer, seq: 7 }));
    return Promise.resolve(Response.json({ code: answer.code, detail: '' }, { status: answer.status }));
  };
  return asked;
}

test('a request whose answer is not known is repeated with the same id, until there is one', async () => {
  const asked = answering('offline', { status: 503, code: 'unavailable' }, 'i1', 'i2');
  await assert.rejects(send('s', letter), { code: 'offline' });
  await assert.rejects(send('s', letter), { code: 'unavailable' });
  assert.equal(await send('s', letter), 'i1');
  assert.equal(await send('s', letter), 'i2');
  assert.equal(asked[0]!.path, '/api/sessions/s/invitations');
  assert.equal(asked[0]!.id, asked[1]!.id);
  assert.equal(asked[0]!.id, asked[2]!.id);
  assert.notEqual(asked[2]!.id, asked[3]!.id);
});

test('another wish is another request', async () => {
  const asked = answering('offline', 'i1', 'i2');
  await assert.rejects(send('s', letter));
  await send('s', { ...letter, word: 'See you' });
  await send('s', { again: 'i1' });
  assert.equal(new Set(asked.map((a) => a.id)).size, 3);
});

test('what the server refused is a new request the next time', async () => {
  const asked = answering({ status: 429, code: 'limit-address' }, 'i1');
  await assert.rejects(send('s', letter), { code: 'limit-address' });
  await send('s', letter);
  assert.notEqual(asked[0]!.id, asked[1]!.id);
});

const invitation: Invitation = { id: 'i', via: 'sms', to: '+4915123456789', typed: '0151 23456789', state: 'sent', tries: 1, queued: '', at: '' };

test('what is under way, or whose address was erased, is not repeated', () => {
  const states = ['queued', 'sending', 'sent', 'delivered', 'refused', 'uncertain'] as const;
  assert.deepEqual(states.filter((state) => repeatable({ ...invitation, state })), ['sent', 'delivered', 'refused', 'uncertain']);
  assert.ok(!repeatable({ ...invitation, typed: '' }));
});

test('refused and uncertain ones call for the agent, unless nobody needs them any more', () => {
  assert.ok(failed({ ...invitation, state: 'refused', why: 'gateway' }));
  assert.ok(failed({ ...invitation, state: 'uncertain' }));
  assert.ok(!failed({ ...invitation, state: 'refused', why: 'not-needed' }));
  assert.ok(!failed({ ...invitation, state: 'queued', why: 'busy' }));
});

test('the characters are named that make a text message longer', () => {
  assert.deepEqual(special('Grüße {von} Ada [€] ~ é\n'), []);
  assert.deepEqual(special('Zoë 🙂 “Zoë” – ok'), ['ë', '🙂', '“', '”', '–']);
});
