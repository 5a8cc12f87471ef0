// How far a file is, in words.

import type { Attachment } from './conversation';
import { size } from './size';
import type { Translate } from './text';
import type { Transfer } from './uploads';

const MINUTE = 60; // seconds
const HOUR = 3600;

/** Says how much of a file is there, how fast it comes and how long it takes. */
export function progressOf(file: Attachment, transfer: Transfer | undefined, t: Translate, lang: string): string {
  if (transfer?.state === 'missing') return t('file.missing');
  const far = t('file.far', { done: size(transfer?.bytes ?? 0, lang), size: size(file.size, lang) });
  if (transfer?.state === 'waiting') return `${far} · ${t('file.waiting')}`;
  if (!transfer?.rate) return far;
  return [far, t('file.rate', { size: size(transfer.rate, lang) }), t('file.left', { time: time(transfer.left, lang) })].join(' · ');
}

function time(seconds: number, lang: string): string {
  const [n, unit] = seconds < MINUTE ? [seconds, 'second'] : seconds < HOUR ? [seconds / MINUTE, 'minute'] : [seconds / HOUR, 'hour'];
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(Math.ceil(n));
}
