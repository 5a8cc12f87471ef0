// Turns what an agent does on their keyboard into what the end-user's computer
// is to do: text for everything that makes a character, by whatever layout or
// input method, and physical keys for all else. Modifiers go out only when
// something is done with them, so that typing "A" or "@" presses none over
// there.

import { isModifier, usageOf } from './keys';
import { MAX_TEXT, type Message } from './wire';

/** What is used of a KeyboardEvent. */
export type Key = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'metaKey' | 'repeat' | 'isComposing' | 'getModifierState'>;

export interface TypistOptions {
  say(...messages: Message[]): void;
  /** The agent sits at a Mac: Option makes characters there. */
  mac: boolean;
}

interface Held {
  usage: number;
  char: string;
  sent: boolean;
  /** Something was done with it: it is not a press of its own any more. */
  used: boolean;
}

export class Typist {
  readonly #held = new Map<string, Held>();

  constructor(private readonly options: TypistOptions) {}

  /** Says whether keys are down over there. */
  get holds(): boolean {
    return [...this.#held.values()].some((h) => h.sent);
  }

  /** A key went down; returns whether the browser is to do nothing with it. */
  down(e: Key): boolean {
    const usage = usageOf(e.code);
    if (e.isComposing || e.key === 'Process' || e.key === 'Dead' || e.key === 'Unidentified') return false;
    if (isModifier(e.code)) {
      if (usage && !this.#held.has(e.code)) this.#held.set(e.code, { usage, char: '', sent: false, used: e.key === 'AltGraph' });
      if (e.key === 'AltGraph') this.#use(false); // Windows presses Control with it
      return e.key === 'Alt' || e.key === 'Meta'; // the browser's own menu
    }
    if (this.#makesText(e)) {
      this.#use(false);
      return false;
    }
    if (!usage) return false;
    if (e.repeat && this.#held.has(e.code)) return true; // it repeats over there
    this.#use(true);
    const char = [...e.key].length === 1 ? e.key : '';
    this.#held.set(e.code, { usage, char, sent: true, used: true });
    this.options.say({ k: 'stroke', key: usage, char, down: true });
    return true;
  }

  /** A key went up; returns whether the browser is to do nothing with it. */
  up(e: Key): boolean {
    const held = this.#held.get(e.code);
    if (!held) return false;
    this.#held.delete(e.code);
    if (held.sent) this.#up(held);
    else if (!held.used) this.options.say({ k: 'stroke', key: held.usage, char: '', down: true }, { k: 'stroke', key: held.usage, char: '', down: false });
    if (this.options.mac && e.key === 'Meta') this.#letGo(); // Macs tell of no other key that goes up while Command is down
    return held.sent;
  }

  /** Characters were made. */
  text(text: string): void {
    for (const piece of pieces(text)) this.options.say({ k: 'text', text: piece });
  }

  /** Presses what is held on this keyboard over there too: something is done with the mouse. */
  press(): void {
    this.#use(true);
  }

  /** Presses keys one after the other and releases them, the last first; but for those that are down there by the agent's own hand; other modifiers that are go up first. */
  combination(...codes: string[]): void {
    for (const [code, h] of this.#held) {
      if (!h.sent || !isModifier(code) || codes.includes(code)) continue;
      h.sent = false;
      this.#up(h);
    }
    const strokes = codes.filter((code) => !this.#held.get(code)?.sent)
      .map((code) => ({ k: 'stroke', key: usageOf(code)!, char: letterOf(code) }) as const);
    this.#use(false);
    this.options.say(...strokes.map((s) => ({ ...s, down: true })), ...strokes.toReversed().map((s) => ({ ...s, down: false })));
  }

  /** Pastes over there; mac says that it is a Mac, shifted that it is to be plain text. */
  paste(mac: boolean, shifted: boolean): void {
    this.combination(mac ? 'MetaLeft' : 'ControlLeft', ...(shifted ? ['ShiftLeft'] : []), 'KeyV');
  }

  /** Lets go of everything: the keyboard is somebody else's now. */
  release(): void {
    if (this.#held.size) this.options.say({ k: 'release' });
    this.#held.clear();
  }

  #makesText(e: Key): boolean {
    if ([...e.key].length !== 1) return false;
    if (e.getModifierState('AltGraph')) return true;
    return !e.ctrlKey && !e.metaKey && (!e.altKey || this.options.mac);
  }

  /** Something is done with the modifiers that are down; over there, if they are to be pressed there. */
  #use(there: boolean): void {
    for (const [code, h] of this.#held) {
      if (!isModifier(code)) continue;
      if (there && !h.sent) {
        h.sent = true;
        this.options.say({ k: 'stroke', key: h.usage, char: '', down: true });
      }
      h.used = true;
    }
  }

  #up({ usage, char }: Held): void {
    this.options.say({ k: 'stroke', key: usage, char, down: false });
  }

  #letGo(): void {
    for (const [code, h] of [...this.#held]) {
      if (isModifier(code)) continue;
      this.#held.delete(code);
      this.#up(h);
    }
  }
}

/** The letter that a key is named after, which may be in another place over there. */
function letterOf(code: string): string {
  return /^Key([A-Z])$/.exec(code)?.[1]!.toLowerCase() ?? '';
}

/** Whether a key is the one for V: by what it makes, or by its place where that is no Latin letter. */
export function isV(e: Pick<Key, 'key' | 'code'>): boolean {
  return /^[a-z]$/i.test(e.key) ? e.key.toLowerCase() === 'v' : e.code === 'KeyV';
}

const MOST = Math.floor(MAX_TEXT / 4); // characters in one message: each has at most 4 bytes

function* pieces(text: string): Generator<string> {
  const clean = [...text.replace(/\r\n?/g, '\n').replace(/\p{Surrogate}/gu, '\ufffd')];
  for (let i = 0; i < clean.length; i += MOST) yield clean.slice(i, i + MOST).join('');
}
