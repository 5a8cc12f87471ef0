import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { texts } from './text';

const read = (name: string) => JSON.parse(readFileSync(`web/texts/${name}.en.json`, 'utf8')) as Record<string, string>;

test('who stops sharing with one agent is not told that nobody sees anything', () => {
  const t = texts({ ...read('lines'), ...read('more') }, 'en');
  const told = (key: string) => [{ agent: 'Bob', why: 'end-user' }, { agent: 'Bob', why: 'lost' }, { agent: '', why: 'end-user' }, { agent: '', why: 'lost' }, { agent: '', why: 'reload' }]
    .map((params) => t(key, { ...params, name: 'Eve' }));
  assert.deepEqual(told('you.view-stopped'), [
    'Bob sees nothing of yours any more.',
    'The connection with Bob was interrupted for too long. They see nothing of yours any more.',
    'You stopped sharing. Nothing of yours is seen any more.',
    'The connection was interrupted for too long. Nothing of yours is seen any more.',
    'This page was loaded again. Nothing of yours is seen any more.',
  ]);
  assert.deepEqual(told('line.view-stopped').slice(0, 3), [
    'Eve does not share with Bob any more.',
    'The picture was interrupted for too long. It has to be asked for again.',
    'Eve stopped sharing.',
  ]);
});
