// A panel that hangs on a button. Escape, a press elsewhere and leaving it
// with Tab close it, and the focus goes back to the button.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  /** What the button shows. */
  face: ComponentChildren;
  /** The button's name, where its face is only a picture. */
  label?: string;
  /** What the button is for, where its face names it otherwise. */
  title?: string;
  class?: string;
  panelClass?: string;
  tabIndex?: number;
  children(close: () => void): ComponentChildren;
}

export function Popover({ face, label, title = label, class: cls, panelClass = '', tabIndex, children }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLSpanElement>(null);
  const panel = useId();
  const close = () => {
    setOpen(false);
    root.current?.querySelector('button')?.focus();
  };
  useEffect(() => {
    if (!open) return;
    focusFirst(root.current!);
    const elsewhere = (e: Event) => !root.current?.contains(e.target as Node) && setOpen(false);
    document.addEventListener('pointerdown', elsewhere);
    return () => document.removeEventListener('pointerdown', elsewhere);
  }, [open]);
  useLayoutEffect(() => {
    if (open) place(root.current!);
  }, [open]);
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key !== 'Escape' || !open) return;
    e.preventDefault();
    e.stopPropagation();
    close();
  };
  return (
    <span class="popover" ref={root} onKeyDown={onKeyDown} onFocusOut={(e) => left(e, root.current) && setOpen(false)}>
      <button type="button" class={cls} aria-label={label} title={title} aria-expanded={open} aria-controls={open ? panel : undefined} tabIndex={tabIndex} onClick={() => setOpen(!open)}>{face}</button>
      {open && <div id={panel} class={`panel ${panelClass}`}>{children(close)}</div>}
    </span>
  );
}

function focusFirst(root: HTMLElement): void {
  root.querySelector<HTMLElement>('.panel :is(button, input, select, a)')?.focus();
}

/** Lets the panel open upwards where there is room only above. */
function place(root: HTMLElement): void {
  const panel = root.querySelector('.panel')!;
  const within = root.closest('.log')?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight);
  const below = panel.getBoundingClientRect();
  panel.classList.toggle('up', below.bottom > within.bottom && root.getBoundingClientRect().top - below.height > within.top);
}

function left(e: FocusEvent, root: HTMLElement | null): boolean {
  return !!e.relatedTarget && !root?.contains(e.relatedTarget as Node);
}
