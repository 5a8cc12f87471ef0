// What the agent's pointer does on the picture: points, draws, or moves it.

import { useRef } from 'preact/hooks';
import type { Mark, Point } from '../../view/marks';
import type { Looking } from './looking';
import { useRoom } from '../session/room';

/** Where an event is on the picture, 0 to 1. */
function pointOf(e: PointerEvent, on: HTMLElement): Point {
  const box = on.getBoundingClientRect();
  const place = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 1e5) / 1e5;
  return [place((e.clientX - box.left) / box.width), place((e.clientY - box.top) / box.height)];
}

export function Hand({ frame }: { frame: { current: HTMLElement | null } }) {
  const { looking } = useRoom();
  const hand = useRef<Gesture | undefined>(undefined);
  hand.current ??= new Gesture(looking);
  const gesture = hand.current;
  const tool = looking.tool.value;
  return (
    <div class={`hand ${tool}`}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        if (tool === 'hand') gesture.grab(e, frame.current!);
        else gesture.press(pointOf(e, e.currentTarget));
      }}
      onPointerMove={(e) => {
        if (tool === 'hand') gesture.drag(e, frame.current!);
        else gesture.move(e.getCoalescedEvents?.().map((c) => pointOf(c, e.currentTarget)) ?? [], pointOf(e, e.currentTarget));
      }}
      onPointerUp={() => gesture.release()}
      onPointerCancel={() => gesture.release()}
      onPointerLeave={() => gesture.leave()} />
  );
}

/** One pointer's way over the picture. What it shows goes out once per drawn frame. */
class Gesture {
  #mark?: Mark;
  #sent = 0; // how many of the mark's points were shown
  #laser?: Point;
  #frame = 0;
  #grabbed?: { x: number; y: number; left: number; top: number };

  constructor(private readonly looking: Looking) {}

  grab(e: PointerEvent, frame: HTMLElement): void {
    this.#grabbed = { x: e.clientX, y: e.clientY, left: frame.scrollLeft, top: frame.scrollTop };
  }

  drag(e: PointerEvent, frame: HTMLElement): void {
    const from = this.#grabbed;
    if (!from) return;
    frame.scrollLeft = from.left - (e.clientX - from.x);
    frame.scrollTop = from.top - (e.clientY - from.y);
  }

  press(at: Point): void {
    const shape = this.looking.tool.value;
    if (shape === 'hand' || shape === 'laser' || shape === 'control') return this.move([], at);
    const n = 1 + this.looking.picture.marks.marks.filter((m) => m.shape === 'number').length;
    this.#mark = { id: crypto.randomUUID(), shape, points: [at], ...(shape === 'number' ? { n } : {}) };
    this.#sent = 0;
    this.#soon();
  }

  move(way: Point[], at: Point): void {
    if (this.looking.tool.value === 'laser') this.#laser = at;
    else if (!this.#mark) return;
    else if (this.#mark.shape === 'pen') this.#mark.points.push(...(way.length ? way : [at]));
    else {
      this.#mark.points[1] = at;
      this.#sent = Math.min(this.#sent, 1);
    }
    this.#soon();
  }

  release(): void {
    this.#grabbed = undefined;
    if (this.#mark) this.#flush();
    this.#mark = undefined;
  }

  leave(): void {
    if (this.looking.tool.value !== 'laser') return;
    this.#laser = undefined;
    this.looking.picture.show({ k: 'laser', at: null });
  }

  #soon(): void {
    this.#frame ||= requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { picture } = this.looking;
    if (this.#laser) picture.show({ k: 'laser', at: this.#laser });
    const mark = this.#mark;
    if (!mark || this.#sent >= mark.points.length) return;
    picture.show({ k: 'draw', from: this.#sent, mark: { ...mark, points: mark.points.slice(this.#sent) } });
    this.#sent = mark.points.length;
  }
}
