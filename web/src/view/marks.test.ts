import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Budget, type Mark, Marks, type Showing, shown } from './marks';

const pen = (id: string, ...points: [number, number][]): Mark => ({ id, shape: 'pen', points });
const draw = (mark: Mark, from = 0): Showing => ({ k: 'draw', mark, from });

test('what an agent shows arrives as it was shown', () => {
  for (const s of [
    { k: 'laser', at: [0.5, 1] }, { k: 'laser', at: null }, { k: 'freeze', on: true }, { k: 'clear' }, { k: 'undo', id: 'a' },
    draw(pen('a', [0, 0], [1, 1])), draw({ id: 'b', shape: 'number', points: [[0.1, 0.2]], n: 3 }),
  ] as Showing[]) {
    assert.deepEqual(shown(JSON.stringify(s)), s);
  }
});

test('what makes no sense is not shown', () => {
  for (const s of [
    '', 'null', '{}', '{"k":"laser"}', '{"k":"laser","at":[0.5]}', '{"k":"laser","at":[0.5,1.1]}', '{"k":"laser","at":["0","0"]}', '{"k":"laser","at":[-1,0]}',
    '{"k":"undo"}', '{"k":"freeze","on":1}', '{"k":"draw","mark":null,"from":0}', '{"k":"draw","from":0,"mark":{"id":"a","shape":"script","points":[]}}',
    '{"k":"draw","from":0,"mark":{"id":"a","shape":"number","points":[[0,0]]}}', '{"k":"draw","from":"0","mark":{"id":"a","shape":"pen","points":[]}}',
  ]) {
    assert.equal(shown(s), undefined, s);
  }
  assert.equal(shown(new Uint8Array(4)), undefined);
  assert.equal(shown(JSON.stringify(draw(pen('a', ...Array.from({ length: 2001 }, () => [0, 0] as [number, number]))))), undefined);
});

test('a mark grows, is undone, and all are cleared', () => {
  const m = new Marks();
  m.take(draw(pen('a', [0, 0])));
  m.take(draw(pen('a', [0.1, 0.1], [0.2, 0.2]), 1));
  assert.deepEqual(m.marks[0]!.points, [[0, 0], [0.1, 0.1], [0.2, 0.2]]);
  m.take(draw({ id: 'b', shape: 'box', points: [[0, 0], [1, 1]] }));
  m.take(draw({ id: 'b', shape: 'box', points: [[0.5, 0.5]] }, 1));
  assert.deepEqual(m.marks[1]!.points, [[0, 0], [0.5, 0.5]]);
  m.take({ k: 'undo', id: 'a' });
  assert.deepEqual(m.marks.map((x) => x.id), ['b']);
  m.take({ k: 'clear' });
  assert.deepEqual(m.marks, []);
});

test('nobody fills the page with marks', () => {
  const m = new Marks();
  for (let i = 0; i < 1000; i++) m.take(draw(pen(`m${i}`, [0, 0])));
  assert.equal(m.marks.length, 500);
  assert.equal(m.take(draw(pen('unknown', [0, 0]), 5)), false);
  for (let i = 1; i < 4000; i++) m.take(draw(pen('m0', [0, 0]), i));
  assert.equal(m.marks[0]!.points.length, 2000);
});

test('all marks together have a bound', () => {
  const marks = new Marks();
  const points = Array.from({ length: 2000 }, (): [number, number] => [0, 0]);
  for (let i = 0; i < 20; i++) marks.take({ k: 'draw', from: 0, mark: { id: String(i), shape: 'pen', points } });
  assert.equal(marks.marks.length, 10);
  assert.equal(marks.take({ k: 'draw', from: 1999, mark: { id: '9', shape: 'pen', points: [[1, 1]] } }), true); // in place of one
  assert.equal(marks.take({ k: 'undo', id: '0' }), true);
  assert.equal(marks.take({ k: 'draw', from: 0, mark: { id: 'new', shape: 'pen', points } }), true);
});

test('an agent shows all that there may be at once, and then so much a second', () => {
  const budget = new Budget();
  const taken = (n: number, data: string, now: number) => Array.from({ length: n }, () => budget.takes(data, now)).filter(Boolean).length;
  assert.equal(taken(100_000, '{"k":"clear"}', 0), 8849);
  assert.equal(taken(100_000, '{"k":"clear"}', 1000), 1770);
  assert.equal(taken(1, 'x'.repeat(48 << 10), 1100), 0);
  const second = 20 * 1000;
  assert.equal(taken(500, 'x'.repeat(1800), second), 500);
  for (let t = 1; t < 144; t++) assert.equal(taken(1, 'x'.repeat(300), second + 500 + (t * 1000) / 144), 1); // a pen, drawn frame by frame
});
