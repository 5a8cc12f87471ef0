// The conversation: a window of its lines, where the reader is in it, and
// what is new.

import { signal, useSignalEffect } from '@preact/signals';
import { Component, type ComponentChildren, type RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../say';
import { announce } from '../ui/notice';
import { Icon } from '../ui/icon';
import { Time } from '../ui/parts';
import { Bubble } from './bubble';
import { moveFocus } from './roving';
import { Reading, saidAfter } from './reading';
import { type Room, useRoom } from './room';
import { count, line, type Row, rows } from './rows';
import { Scroller } from './scroll';
import { earlier, follow, later, newest, type Span } from './window';

const READ_OUT = 3; // of more messages at once, only their number is read out
const SETTLING = 1000; // milliseconds in which what comes is history and not news

/** What the conversation's screen remembers between two drawings. */
class View {
  span: Span = { from: 0, upto: 0 };
  readonly moved = signal(0); // grows when the reader went elsewhere
  readonly reading = new Reading();
  total = 0;
  heard = 0; // up to here was read out, or was there before
  readonly openedAt = Date.now();
  scroller?: Scroller;
  keep?: () => void; // puts the scroll position right after the next drawing

  /** Has the conversation drawn again, since the reader went elsewhere. */
  move(): void {
    this.moved.value = this.moved.peek() + 1;
  }

  get atEnd(): boolean {
    return this.scroller?.atEnd ?? true;
  }
}

export function Log() {
  const room = useRoom();
  const view = useMemo(() => new View(), [room]);
  const box = useRef<HTMLDivElement>(null);
  void view.moved.value;
  take(room, view);
  const { span } = view;
  useScroll(room, view, box);
  const n = saidAfter(room.conversation.items, view.reading.seen, room.talk.you).length;
  const away = !view.atEnd || span.upto < view.total;
  return (
    <div class="log-frame">
      <div class="log" ref={box} role="log" aria-live="off" aria-label={t('conversation')} tabIndex={0} onKeyDown={moveFocus}>
        {span.from > 0 && <button type="button" class="quiet earlier" onClick={() => page(view, box.current!, earlier(span))}>{t('log.earlier')}</button>}
        {room.waiting && !room.knocking.length && <Awaited />}
        {rows(room, span.from, span.upto, view.reading.dividerAfter).map((row) => (
          <Still key={row.key} look={`${room.active} ${JSON.stringify(row)}`}>{() => <RowOf row={row} />}</Still>
        ))}
        {span.upto < view.total && <button type="button" class="quiet earlier" onClick={() => page(view, box.current!, later(span, view.total))}>{t('log.later')}</button>}
      </div>
      {away && <button type="button" class="pill" onClick={() => { toEnd(view); document.getElementById('message')?.focus(); }}><Icon name="down" />{t('log.pill', { n })}</button>}
    </div>
  );
}

/** What stands in the conversation while nobody is there. */
function Awaited() {
  return (
    <div class="awaited">
      <Icon name="person" />
      <p><strong>{t('awaited')}</strong></p>
      <p>{t('awaited.next')}</p>
    </div>
  );
}

/** Draws its children again only when their look has changed. */
class Still extends Component<{ look: string; children: () => ComponentChildren }> {
  override shouldComponentUpdate(next: { look: string }): boolean {
    return next.look !== this.props.look;
  }

  override render() {
    return this.props.children();
  }
}

function RowOf({ row }: { row: Row }) {
  switch (row.kind) {
    case 'day':
      return <p class="day">{row.text}</p>;
    case 'new':
      return <p class="new"><span>{row.text}</span></p>;
    case 'line':
      return <p class={row.loud ? 'happened loud' : 'happened'}><span>{row.text}</span> <Time at={new Date(row.at)} /></p>;
    default:
      return <Bubble said={row} />;
  }
}

/** Takes the newest state of the conversation. */
function take(room: Room, view: View): void {
  const total = count(room);
  const { number, items } = room.conversation;
  if (total !== view.total) {
    view.span = follow(view.span, view.total, total, view.atEnd);
    view.total = total;
  }
  if (number <= view.heard) return;
  if (settling(room, view)) view.reading.begin(room.ended ? 0 : (room.talk.marks.get(room.talk.you)?.read ?? 0), number);
  else hear(room, view, items.filter((i) => i.seq > view.heard && i.by !== room.talk.you && i.kind !== 'note').map((i) => line(room, i)));
  view.heard = number;
}

function settling(room: Room, view: View): boolean {
  return view.heard === 0 || (Date.now() - view.openedAt < SETTLING && !room.talk.pending.length);
}

/** Has what is new read out, and remembers where it begins. */
function hear(room: Room, view: View, news: ReturnType<typeof line>[]): void {
  const said = news.filter((n) => n.kind !== 'line');
  view.reading.arrive(room.conversation.number, said.length > 0, view.atEnd && !document.hidden);
  if (!news.length) return;
  announce(news.length > READ_OUT ? t('log.pill', { n: said.length }) : news.map(aloud).join('\n'));
}

function aloud(n: ReturnType<typeof line>): string {
  if (n.kind === 'line') return n.text;
  return n.kind === 'file' ? t('file.offers', { name: n.name, file: n.text }) : `${n.name}: ${n.text}`;
}

/** Keeps the reader where they are, and tells the other side what was read. */
function useScroll(room: Room, view: View, box: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const moved = () => {
      look(room, view);
      view.move();
    };
    view.scroller = new Scroller(box.current!, moved);
    document.addEventListener('visibilitychange', moved);
    view.scroller.toEnd();
    return () => {
      document.removeEventListener('visibilitychange', moved);
      view.scroller?.close();
    };
  }, [view]);
  useSignalEffect(() => {
    if (!room.said.value) return;
    view.reading.write();
    toEnd(view);
  });
  useLayoutEffect(() => {
    view.keep?.();
    view.keep = undefined;
    view.scroller?.settle();
    look(room, view);
  });
}

/** Notes that the newest lines are in view. */
function look(room: Room, view: View): void {
  if (document.hidden || !view.atEnd || view.span.upto < view.total) return;
  view.reading.look();
  if (room.talk.status === 'online' && room.conversation.number) room.talk.read(room.conversation.number);
}

/** Shows another part without moving what stays in the page under the reader's eyes. */
function page(view: View, box: HTMLElement, to: Span): void {
  const lines = [...box.querySelectorAll<HTMLElement>('[data-key]')];
  const anchor = to.from < view.span.from ? lines[0] : lines.at(-1);
  if (anchor) view.keep = view.scroller!.keeping(anchor);
  view.span = to;
  view.move();
}

function toEnd(view: View): void {
  view.span = newest(view.total);
  view.scroller?.toEnd();
  view.move();
}
