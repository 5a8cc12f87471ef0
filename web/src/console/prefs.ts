// What an agent chose for this browser.

import { effect, signal, type Signal } from '@preact/signals';

/** A value kept in this browser; another tab's change shows here too. */
function kept<T extends string>(key: string, first: T, among: readonly T[]): Signal<T> {
  const valid = (v: string | null) => (among.includes(v as T) ? (v as T) : first);
  const s = signal(valid(read(key)));
  let begun = false;
  effect(() => {
    const value = s.value;
    if (begun) write(key, value);
    begun = true;
  });
  addEventListener('storage', (e) => {
    if (e.key === key) s.value = valid(e.newValue);
  });
  return s;
}

const switched = ['on', 'off'] as const;

export type Theme = 'system' | 'light' | 'dark';

export const theme = kept<Theme>('deskside-theme', 'system', ['system', 'light', 'dark']);
export const sound = kept('deskside-sound', 'on', switched);
export const notifications = kept('deskside-notifications', 'off', switched);
export const shortcuts = kept('deskside-shortcuts', 'on', switched);

/** Shows the page in the scheme that was chosen. */
export function followTheme(): void {
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme.value;
  });
}

/** Reads what this browser kept; null where it keeps nothing. */
export function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is forbidden
  }
}

/** Keeps a value; an empty one is forgotten. */
export function write(key: string, value: string): void {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // storage is forbidden or full: the choice lasts as long as the page
  }
}

/** Shows the Console in another language; the cookie is for the server. */
export function chooseLanguage(language: string): void {
  document.cookie = `deskside-lang=${language}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
}
