import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isV, type Key, Typist } from './typist';
import type { Message } from './wire';

/** A keyboard of which a test presses keys: "+ControlLeft" down, "-ControlLeft" up, with what the key makes behind "=". */
function keyboard(mac = false) {
  const said: string[] = [];
  const typist = new Typist({ mac, say: (...m: Message[]) => m.forEach((one) => said.push(word(one))) });
  const down = new Set<string>();
  const press = (...keys: string[]) => keys.map((k) => {
    const [code, key = named(k.slice(1))] = k.slice(1).split('=') as [string, string?];
    const up = k[0] === '-';
    if (up) down.delete(code);
    else down.add(code);
    const some = (...codes: string[]) => codes.some((c) => down.has(c));
    const e: Key = {
      key, code, repeat: k[0] === '*', isComposing: false, ctrlKey: some('ControlLeft', 'ControlRight'), altKey: some('AltLeft'), metaKey: some('MetaLeft'),
      getModifierState: (m) => m === 'AltGraph' && down.has('AltRight'),
    };
    return up ? typist.up(e) : typist.down(e);
  });
  return { typist, press, said: () => said.splice(0) };
}

const named = (code: string) => ({ ControlLeft: 'Control', AltLeft: 'Alt', AltRight: 'AltGraph', ShiftLeft: 'Shift', MetaLeft: 'Meta' })[code] ?? code;

function word(m: Message): string {
  return m.k === 'stroke' ? `${m.down ? '+' : '-'}${m.key.toString(16)}${m.char && `=${m.char}`}` : m.k === 'text' ? `"${m.text}"` : m.k;
}

test('characters are left to the browser, and modifiers that make them stay here', () => {
  const { press, said, typist } = keyboard();
  assert.deepEqual(press('+KeyA=a', '-KeyA=a', '+ShiftLeft', '+KeyA=A', '-KeyA=A', '-ShiftLeft', '+AltRight', '+KeyQ=@', '-KeyQ=@', '-AltRight'), Array(10).fill(false));
  assert.deepEqual(press('+BracketLeft=Dead', '-BracketLeft=Dead'), [false, false]);
  assert.deepEqual(said(), []);
  typist.text('é\r\n😀');
  assert.deepEqual(said(), ['"é\n😀"']);
});

test('shortcuts and keys without a character are keys', () => {
  const { press, said } = keyboard();
  assert.deepEqual(press('+ControlLeft', '+KeyY=z', '-KeyY=z', '-ControlLeft'), [false, true, true, true]);
  assert.deepEqual(said(), ['+e0', '+1c=z', '-1c=z', '-e0']);
  press('+Enter', '*Enter', '-Enter', '+ShiftLeft', '+ArrowLeft', '-ArrowLeft', '-ShiftLeft');
  assert.deepEqual(said(), ['+28', '-28', '+e1', '+50', '-50', '-e1']);
  press('+AltLeft', '+Tab', '-Tab', '+Tab', '-Tab', '-AltLeft');
  assert.deepEqual(said(), ['+e2', '+2b', '-2b', '+2b', '-2b', '-e2']);
});

test('a modifier alone is a press of its own; one that made a character is none', () => {
  const { press, said } = keyboard();
  press('+MetaLeft', '-MetaLeft');
  assert.deepEqual(said(), ['+e3', '-e3']);
  press('+ShiftLeft', '+KeyA=A', '-KeyA=A', '-ShiftLeft', '+ControlLeft', '+AltRight', '+KeyE=€', '-KeyE=€', '-AltRight', '-ControlLeft');
  assert.deepEqual(said(), []);
});

test('the mouse takes modifiers along, and letting go lets go of all', () => {
  const { press, said, typist } = keyboard();
  press('+ControlLeft', '+ShiftLeft');
  typist.press();
  assert.ok(typist.holds);
  assert.deepEqual(said(), ['+e0', '+e1']);
  typist.release();
  assert.ok(!typist.holds);
  assert.deepEqual(said(), ['release']);
  press('-ControlLeft', '-ShiftLeft');
  typist.release();
  assert.deepEqual(said(), []);
});

test('on a Mac Option makes characters, and Command hides what goes up', () => {
  const { press, said } = keyboard(true);
  press('+AltLeft', '+KeyL=@', '-KeyL=@', '-AltLeft');
  assert.deepEqual(said(), []);
  press('+MetaLeft', '+KeyC=c', '-MetaLeft');
  assert.deepEqual(said(), ['+e3', '+6=c', '-e3', '-6=c']);
});

test('long text goes in pieces, and no half of a character', () => {
  const { said, typist } = keyboard();
  typist.text('😀'.repeat(1500) + '\ud800');
  const all = said().map((t) => t.slice(1, -1));
  assert.deepEqual(all.map((t) => [...t].length), [1024, 477]);
  assert.equal(all.join(''), '😀'.repeat(1500) + '\ufffd');
});

test('combinations are pressed in order and released in the other', () => {
  const { said, typist } = keyboard();
  typist.combination('ControlLeft', 'AltLeft', 'Delete');
  assert.deepEqual(said(), ['+e0', '+e2', '+4c', '-4c', '-e2', '-e0']);
});

test('a combination leaves to the agent what they hold down over there', () => {
  const { press, said, typist } = keyboard();
  press('+ControlLeft', '+KeyC=c', '-KeyC=c');
  said();
  typist.combination('ControlLeft', 'KeyV');
  assert.deepEqual(said(), ['+19=v', '-19=v']);
  press('-ControlLeft');
  assert.deepEqual(said(), ['-e0']);
  press('+ControlLeft');
  typist.combination('ControlLeft', 'ShiftLeft', 'KeyV');
  press('-ControlLeft');
  assert.deepEqual(said(), ['+e0', '+e1', '+19=v', '-19=v', '-e1', '-e0']);
});

test('what is pasted is pasted by the keys of that computer', () => {
  const { press, said, typist } = keyboard();
  typist.paste(false, true);
  assert.deepEqual(said(), ['+e0', '+e1', '+19=v', '-19=v', '-e1', '-e0']);
  press('+ControlLeft', '+KeyC=c', '-KeyC=c');
  said();
  typist.paste(true, false);
  assert.deepEqual(said(), ['-e0', '+e3', '+19=v', '-19=v', '-e3']);
  press('+KeyC=c', '-KeyC=c', '-ControlLeft');
  assert.deepEqual(said(), ['+e0', '+6=c', '-6=c', '-e0']);
});

test('V is what makes a V', () => {
  const made = ([['KeyV', 'v'], ['KeyV', 'V'], ['Period', 'v'], ['KeyV', 'k'], ['KeyV', 'ω'], ['KeyB', 'м']] as const).map(([code, key]) => isV({ code, key }));
  assert.deepEqual(made, [true, true, true, false, true, false]);
});
