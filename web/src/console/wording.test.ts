import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, inUse, own, same } from './wording';

const variables = ['agent', 'link', 'word'];
const shipped = { sms: '{agent}: {link}', subject: 'Support by {agent}', mail: 'Hello. {link}' };

test('the shipped texts are without fault', () => assert.deepEqual(faultsOf(shipped, variables), []));

test('a text needs the link; a subject does not', () => {
  assert.deepEqual(faultsOf({ sms: 'Hello', subject: 'Hello', mail: 'link' }, variables), [{ field: 'sms', is: 'no-link' }, { field: 'mail', is: 'no-link' }]);
});

test('unknown variables are named, each once', () => {
  assert.deepEqual(faultsOf({ ...shipped, sms: '{link} {name} {name} {Link}', subject: '{}' }, variables), [
    { field: 'sms', is: 'unknown', name: 'name' }, { field: 'sms', is: 'unknown', name: 'Link' }, { field: 'subject', is: 'unknown', name: '' },
  ]);
});

test('what is the shipped text is stored as nothing, and nothing means the shipped text', () => {
  const changed = { ...shipped, subject: 'Your help' };
  assert.deepEqual(own(changed, shipped), { sms: '', subject: 'Your help', mail: '' });
  assert.deepEqual(inUse({ ...own(changed, shipped), shipped }), changed);
  assert.ok(same(inUse({ sms: '', subject: '', mail: '', shipped }), shipped));
  assert.ok(!same(changed, shipped));
});
