import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AgentConversation } from './agentconversation';
import { Conversation } from './conversation';
import { log } from './fakes';
import type { SessionEvent } from './protocol';

const opening = { type: 'created', by: 'a1', data: { agent: 'a1', agentName: 'Ada', expires: '2026-11-23T15:00:00.000Z' } } as const;

function folded(...events: SessionEvent[]): AgentConversation {
  const c = new AgentConversation();
  c.apply(events);
  return c;
}

test('it folds the rest as everybody does', () => {
  for (const name of readdirSync('testdata/fold')) {
    const { events } = JSON.parse(readFileSync(`testdata/fold/${name}`, 'utf8')) as { events: SessionEvent[] };
    const plain = new Conversation();
    plain.apply(events);
    const agents = folded(...events);
    const { invitations: _, invitedAt: __, doubted: ___, items, ...rest } = agents;
    const { items: plainItems, ...want } = plain;
    assert.deepEqual(rest, { ...want });
    const seqs = new Set(plainItems.map((i) => i.seq));
    assert.deepEqual(items.filter((i) => seqs.has(i.seq)), plainItems);
  }
});

test('an invitation by the server is a line when it is made and when something came of it', () => {
  const invited = (id: string, via: string, to: string) => ({ type: 'invited', by: 'a1', data: { via, invitation: id, to } }) as const;
  const moved = (invitation: string, state: string, more = {}) => ({ type: 'invitation', data: { invitation, state, ...more } }) as const;
  const c = folded(...log(opening, invited('i1', 'sms', '+49…789'), moved('i1', 'sending'), invited('i2', 'email', 'b…@example.org'),
    moved('i1', 'queued', { why: 'busy' }), moved('i1', 'sending'), moved('i1', 'sent'), moved('i2', 'refused', { why: 'gateway', detail: '550 no' })));
  assert.deepEqual(c.items.slice(1).map((i) => i.kind === 'line' && [i.key, i.who, i.params]), [
    ['line.invitation.sms', 'a1', { to: '+49…789' }],
    ['line.invitation.email', 'a1', { to: 'b…@example.org' }],
    ['line.invitation.sent', '', { via: 'sms', to: '+49…789', why: '', detail: '' }],
    ['line.invitation.refused', '', { via: 'email', to: 'b…@example.org', why: 'gateway', detail: '550 no' }],
  ]);
  assert.equal(c.invitedAt, 8);
});

test('doubts and requests for a new key are lines', () => {
  const c = folded(...log(opening, { type: 'doubted', data: {} }, { type: 'key-asked', data: {} }));
  assert.deepEqual(c.items.slice(1).map((i) => i.kind === 'line' && [i.key, i.who]), [['line.doubted', ''], ['line.key-asked', '']]);
  assert.equal(c.doubted, c.items[1]!.at);
});
