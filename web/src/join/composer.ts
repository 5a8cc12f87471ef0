// The field to write in.

import { byId, tell } from './dom';

const MAX_TEXT = 4000; // characters of Unicode, as the server counts

export interface Writing {
  /** Takes a text to send. The event is what made the person send it. */
  send(text: string, event: Event): void;
  /** Says that the person writes, or stopped to. */
  typing(on: boolean): void;
  /** Words for a text that is n characters too long. */
  tooLong(n: number): string;
}

/** Enter on a keyboard of glass makes a line: there is no Shift to hold. */
const touch = matchMedia('(hover: none) and (pointer: coarse)');

export class Composer {
  readonly field = byId<HTMLTextAreaElement>('text');
  readonly #hint = byId('hint');

  constructor(private readonly writing: Writing) {
    const form = byId<HTMLFormElement>('composer');
    form.onsubmit = (e) => e.preventDefault(); // see send: only a person's own act counts
    form.querySelector('.send')!.addEventListener('click', (e) => this.#send(e));
    this.field.onkeydown = (e) => this.#key(e);
    this.field.oninput = () => this.#changed();
    this.field.onblur = () => this.writing.typing(false);
    this.field.value = sessionStorage.getItem(draft()) ?? '';
    this.#fit();
  }

  /** Takes a text out of the field that is on its way. What was written since stays. */
  take(text: string): void {
    const all = this.field.value.trimStart();
    if (all.startsWith(text)) this.field.value = all.slice(text.length).trimStart();
    this.#changed();
  }

  /** Shows why something was not sent; '' hides it. */
  trouble(text: string): void {
    tell(this.#hint, text);
  }

  /** Moves the page, and what is written on it, to another address. */
  move(path: string): void {
    sessionStorage.removeItem(draft());
    history.replaceState(null, '', path);
    this.#save();
  }

  #key(e: KeyboardEvent): void {
    const composing = e.isComposing || e.keyCode === 229; // Safari ends a composition before its key
    if (e.key !== 'Enter' || e.shiftKey || composing || touch.matches) return;
    e.preventDefault();
    this.#send(e);
  }

  #send(e: Event): void {
    const text = this.field.value.trim();
    if (!text || this.#check()) return;
    this.writing.send(text, e);
    this.field.focus();
  }

  #changed(): void {
    this.#fit();
    this.#save();
    this.#check();
    this.writing.typing(!!this.field.value.trim());
  }

  /** Says how many characters are too many; 0 where the text fits. */
  #check(): number {
    const over = Math.max(0, [...this.field.value.trim()].length - MAX_TEXT);
    this.trouble(over ? this.writing.tooLong(over) : '');
    return over;
  }

  #fit(): void {
    const { style } = this.field;
    style.height = 'auto';
    style.height = `${this.field.scrollHeight + 2}px`;
  }

  #save(): void {
    sessionStorage.setItem(draft(), this.field.value);
  }
}

/** Where this page's draft is kept: in this tab, and over a reload. */
function draft(): string {
  return `draft ${location.pathname}`;
}
