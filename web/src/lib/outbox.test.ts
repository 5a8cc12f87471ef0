import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from './fakes';
import { Outbox } from './outbox';

function outbox(session = 's1', storage = new World().env.storage): Outbox {
  return new Outbox(session, storage);
}

test('an outbox gives back what was put in, in the order of writing', () => {
  const box = outbox();
  box.put({ id: 'b', text: 'second', at: 2 });
  box.put({ id: 'a', text: 'third', at: 3 });
  box.put({ id: 'c', text: 'first', at: 1 });
  assert.deepEqual(box.items.map((i) => i.text), ['first', 'second', 'third']);
  assert.deepEqual(box.get('b'), { id: 'b', text: 'second', at: 2 });
  box.remove('b');
  assert.equal(box.get('b'), undefined);
  assert.deepEqual(box.items.map((i) => i.id), ['c', 'a']);
});

test('what was written in the same millisecond has one order for every page', () => {
  const box = outbox();
  for (const id of ['b', 'c', 'a']) box.put({ id, text: id, at: 1 });
  assert.deepEqual(box.items.map((i) => i.id), ['a', 'b', 'c']);
});

test('another page of the session finds the same entries, another session none', () => {
  const { storage } = new World().env;
  outbox('s1', storage).put({ id: 'a', text: 'Hello', at: 1 });
  storage.setItem('something.else', 'not JSON');
  assert.deepEqual(outbox('s1', storage).items.map((i) => i.text), ['Hello']);
  assert.deepEqual(outbox('s2', storage).items, []);
});

test('an outbox knows its keys; a cleared storage concerns it too', () => {
  const { storage } = new World().env;
  const box = outbox('s1', storage);
  box.put({ id: 'a', text: 'Hello', at: 1 });
  assert.equal(box.owns(storage.key(0)), true);
  assert.equal(box.owns('something.else'), false);
  assert.equal(box.owns(null), true);
});
