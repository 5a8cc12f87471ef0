// What lies over the picture while the agent controls: it takes mouse, wheel
// and keys. Keys go to a field that nobody sees, because only fields get what
// input methods and dead keys make.

import { useEffect, useRef } from 'preact/hooks';
import { MAX_TURN, type Place } from '../../control/wire';
import { isV } from '../../control/typist';
import { useLooking } from '../session/room';
import { t } from '../say';
import type { Controlling } from './controlling';

const NOTCH = 120;
/** How much of a notch browsers scroll by, in the units of WheelEvent.deltaMode: pixels, lines, pages. */
const PER_NOTCH = [100, 3, 1];
const PASTE = 60; // ms in which the browser says what is pasted

export function Pad() {
  const { controlling } = useLooking();
  const field = useRef<HTMLTextAreaElement>(null);
  const hands = useRef<Hands | undefined>(undefined);
  hands.current ??= new Hands(controlling);
  const h = hands.current;
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
    const away = () => h.away();
    addEventListener('blur', away);
    return () => {
      removeEventListener('blur', away);
      away();
    };
  }, []);
  return (
    <div class={`pad ${controlling.on ? 'on' : ''}`}
      onContextMenu={(e) => e.preventDefault()}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        field.current!.focus({ preventScroll: true });
      }}
      onMouseDown={(e) => {
        e.preventDefault();
        h.button(e, true);
      }}
      onMouseUp={(e) => h.button(e, false)}
      onAuxClick={(e) => e.preventDefault()}
      onMouseMove={(e) => h.move(e)}
      onWheel={(e) => h.wheel(e)}>
      <textarea ref={field} class="pad-keys" aria-label={t('control.keys')} autocomplete="off" spellcheck={false} tabIndex={0}
        onKeyDown={(e) => h.key(e, true)}
        onKeyUp={(e) => h.key(e, false)}
        onInput={(e) => !e.isComposing && h.typed(e.currentTarget)}
        onCompositionEnd={(e) => h.typed(e.currentTarget)}
        onPaste={(e) => h.paste(e)}
        onBlur={() => h.away()} />
    </div>
  );
}

/** Both hands of the agent. */
class Hands {
  #turned = { right: 0, down: 0 }; // fractions that are left of what the wheel turned
  #pasting?: ReturnType<typeof setTimeout>;
  #shifted = false; // what is pasted is to be pasted with Shift, as plain text

  constructor(private readonly controlling: Controlling) {}

  move(e: MouseEvent): void {
    if (this.controlling.on) this.controlling.steering.move(placeOf(e));
  }

  button(e: MouseEvent, down: boolean): void {
    const { controlling } = this;
    if (e.button > 4 || (down && !controlling.on)) return;
    if (!down && !controlling.buttons) return;
    controlling.buttons = e.buttons;
    if (down) controlling.typist.press();
    controlling.steering.say({ k: 'press', button: e.button, down, at: placeOf(e) });
  }

  wheel(e: WheelEvent): void {
    e.preventDefault();
    if (!this.controlling.on) return;
    const per = PER_NOTCH[e.deltaMode] ?? 1;
    const turn = (axis: 'right' | 'down', delta: number) => {
      const all = this.#turned[axis] + (delta / per) * NOTCH;
      const whole = Math.max(-MAX_TURN, Math.min(MAX_TURN, Math.trunc(all)));
      this.#turned[axis] = all - whole;
      return whole;
    };
    const [right, down] = [turn('right', e.deltaX), turn('down', e.deltaY)];
    if (!right && !down) return;
    this.controlling.typist.press();
    this.controlling.steering.say({ k: 'wheel', right, down, at: placeOf(e) });
  }

  key(e: KeyboardEvent, down: boolean): void {
    const { typist } = this.controlling;
    if (!this.controlling.on) return;
    if (down && isV(e) && (e.ctrlKey || e.metaKey) && !e.altKey && this.controlling.shares) {
      this.#shifted = e.shiftKey;
      if (!e.repeat) this.#pasting = setTimeout(() => this.#stroke(), PASTE); // or as soon as it is known what is pasted
      return;
    }
    if (down ? typist.down(e) : typist.up(e)) e.preventDefault();
  }

  /** What the field holds was typed. */
  typed(field: HTMLTextAreaElement): void {
    const text = field.value;
    field.value = '';
    if (text && this.controlling.on) this.controlling.typist.text(text);
  }

  /** What the agent pastes goes into the end-user's clipboard first. */
  paste(e: ClipboardEvent): void {
    e.preventDefault();
    const picture = [...(e.clipboardData?.items ?? [])].find((i) => i.type === 'image/png')?.getAsFile();
    const content = picture ?? e.clipboardData?.getData('text/plain') ?? '';
    if (this.#pasting === undefined) return;
    clearTimeout(this.#pasting);
    this.#pasting = undefined;
    const given = (typeof content === 'string' && !content) || !this.controlling.shares ? Promise.resolve(true) : this.controlling.give(content, false);
    void given.then((there) => there && this.#stroke());
  }

  away(): void {
    this.controlling.letGo();
  }

  #stroke(): void {
    this.#pasting = undefined;
    this.controlling.typist.paste(this.controlling.state.system === 'macos', this.#shifted);
  }
}

/** Where on the picture an event is. */
function placeOf(e: MouseEvent): Place {
  const box = (e.currentTarget as HTMLElement).getBoundingClientRect();
  const part = (v: number) => Math.round(Math.max(0, Math.min(1, v)) * 65535);
  return { x: part((e.clientX - box.left) / box.width), y: part((e.clientY - box.top) / box.height) };
}
