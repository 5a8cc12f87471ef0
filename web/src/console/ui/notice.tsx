// Short messages over the page: what was refused, what was done, and what a
// screen reader is to say.

import { signal } from '@preact/signals';
import { reason } from '../api';
import { t } from '../say';
import { Icon } from './icon';

interface Notice {
  id: number;
  text: string;
}

const SHOWN = 8000; // milliseconds

const notices = signal<Notice[]>([]);
const spoken = signal('');
let last = 0;

/** Shows why something failed. */
export function complain(error: unknown): void {
  warn(reason(error));
}

/** Shows that something is not as it should be. */
export function warn(text: string): void {
  const notice = { id: ++last, text };
  notices.value = [...notices.value.filter((n) => n.text !== notice.text), notice];
  setTimeout(() => dismiss(notice.id), SHOWN);
}

/** Has a text read out. The same text twice is read twice. */
export function announce(text: string): void {
  spoken.value = spoken.value === text ? `${text}\u00a0` : text;
}

function dismiss(id: number): void {
  notices.value = notices.value.filter((n) => n.id !== id);
}

export function Notices() {
  return (
    <>
      <div class="notices" role="alert">
        {notices.value.map((n) => (
          <div class="notice" key={n.id}>
            <Icon name="warn" /><span>{n.text}</span>
            <button type="button" class="quiet round" aria-label={t('dismiss')} onClick={() => dismiss(n.id)}><Icon name="close" /></button>
          </div>
        ))}
      </div>
      <p class="vh" aria-live="polite">{spoken.value}</p>
    </>
  );
}
