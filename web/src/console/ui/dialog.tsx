// A modal dialog: the browser's own, which keeps the focus in it, closes with
// Escape and gives the focus back to whoever opened it.

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../say';
import { Icon } from './icon';

interface Props {
  title: string;
  onClose(): void;
  class?: string;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, class: cls = '', children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const gone = useRef(false);
  useEffect(() => {
    const box = dialog.current!;
    const opener = document.activeElement as HTMLElement | null;
    box.showModal();
    return () => {
      gone.current = true;
      box.close(); // while it is open, nothing behind it takes the focus
      if (opener?.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class={`dialog ${cls}`} aria-labelledby={heading} onClose={() => gone.current || onClose()} onMouseDown={(e) => outside(e) && onClose()}>
      <header class="dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" class="quiet round" aria-label={t('close')} onClick={onClose}><Icon name="close" /></button>
      </header>
      {children}
    </dialog>
  );
}

/** Says whether somebody pressed on what is behind the dialog. */
function outside(e: MouseEvent): boolean {
  const box = (e.currentTarget as Element).getBoundingClientRect();
  return e.target === e.currentTarget && (e.clientX < box.left || e.clientX > box.right || e.clientY < box.top || e.clientY > box.bottom);
}
