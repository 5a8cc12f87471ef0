// Times, numbers and keys as people read them.

import { regional } from '../lib/regional';
import { lang } from './say';

const DAY = 86_400_000;
const MINUTE = 60_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Returns a format of dates. Making one takes longer than drawing a message, so each is made once. */
function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options) + lang;
  let format = formats.get(key);
  if (!format) formats.set(key, format = new Intl.DateTimeFormat(regional(lang), options));
  return format;
}

/** The time of day, as on the end-user's page: 14:05, 06:05. */
export function clock(at: Date): string {
  return dates({ timeStyle: 'short' }).format(at);
}

/** The whole date and time, for whoever wants to know exactly. */
export function fullTime(at: Date): string {
  return dates({ dateStyle: 'full', timeStyle: 'medium' }).format(at);
}

/** A date with the time: today only the time. */
export function shortTime(at: Date, now = new Date()): string {
  return at.toDateString() === now.toDateString() ? clock(at) : dates({ dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** Names a day: today, yesterday, or its date. */
export function dayName(at: Date, now = new Date()): string {
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / DAY);
  if (days < -1 || days > 0) return dates({ dateStyle: 'full' }).format(at);
  const name = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }).format(days, 'day');
  return name.charAt(0).toLocaleUpperCase(lang) + name.slice(1);
}

/** How long something lasted, in whole minutes: 1 h 5 min. */
export function duration(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE));
  const hours = Math.floor(minutes / 60);
  const part = (n: number, unit: 'hour' | 'minute') => new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'short' }).format(n);
  if (!hours) return minutes ? part(minutes, 'minute') : `< ${part(1, 'minute')}`;
  return minutes % 60 ? `${part(hours, 'hour')} ${part(minutes % 60, 'minute')}` : part(hours, 'hour');
}

/**
 * The time left until a moment, as a clock that counts down: 59:59, 1:02:03.
 * It rounds up, so that 0:00 means that the time is over.
 */
export function countdown(until: Date, now: Date): string {
  const seconds = Math.max(0, Math.ceil((until.getTime() - now.getTime()) / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A Support Key in its groups: 123-456-789. */
export function groupKey(key: string): string {
  return key.replace(/^(\d{3})(\d{3})(\d{3})$/, '$1-$2-$3');
}

/** A Support Key as it is read out: 1 2 3, 4 5 6, 7 8 9. */
export function spellKey(key: string): string {
  return groupKey(key).split('-').map((group) => [...group].join(' ')).join(', ');
}
