// What both pages say of files, and how they name what was pasted.

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

const FAMILIES = ['image', 'video', 'audio'];
const ENDING = /\.([a-z0-9]{1,5})$/i;

/** Says what a file is, in a word or by its ending. */
export function kindOf(file: Attachment, t: Translate): string {
  const family = file.mediaType.split('/')[0]!;
  const ending = ENDING.exec(file.name)?.[1]?.toUpperCase();
  if (file.snapshot) return t('file.kind.snapshot');
  if (FAMILIES.includes(family)) return t(`file.kind.${family}`);
  return ending ? t('file.ending', { ending }) : t('file.kind.other');
}

/** A name in a sentence, which it can't turn around. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** What browsers call a picture from the clipboard: every one. */
const NAMELESS = /^image\.\w+$/;

/** Gives a pasted picture a name that tells it from the next. */
export function named(file: File, t: Translate): File {
  if (!NAMELESS.test(file.name)) return file;
  const at = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  const name = `${t('file.pasted')} ${at.slice(0, 10)} ${at.slice(11, 19).replaceAll(':', '.')}${file.name.slice(5)}`;
  return new File([file], name, file);
}

/** Keeps a page from being left. */
export function stay(e: Event): void {
  e.preventDefault();
}
