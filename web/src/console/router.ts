// Which screen is shown, by the page's path.

import { computed, signal } from '@preact/signals';

export type Route =
  | { screen: 'support' | 'history' | 'texts' | 'connection' }
  | { screen: 'session' | 'past'; id: string }
  | { screen: 'nowhere' };

/** Reads a path. */
export function parse(path: string): Route {
  const [, first, id, more] = path.split('/');
  if ((first === 'texts' || first === 'connection') && id === undefined) return { screen: first };
  if (more !== undefined || (first !== 'support' && first !== 'history')) return { screen: 'nowhere' };
  if (id) return { screen: first === 'support' ? 'session' : 'past', id: decodeURIComponent(id) };
  return { screen: first };
}

const path = signal('');

export const route = computed(() => parse(path.value));

/** Goes to another screen. */
export function go(to: string): void {
  if (to !== location.pathname) history.pushState(null, '', to);
  path.value = location.pathname;
  scrollTo(0, 0);
}

/** Follows the address from now on: links within the Console, back and forth. */
export function startRouter(): void {
  path.value = location.pathname;
  addEventListener('popstate', () => (path.value = location.pathname));
  document.addEventListener('click', followLink);
}

function followLink(e: MouseEvent): void {
  const link = (e.target as Element | null)?.closest?.('a');
  if (!link || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || e.defaultPrevented) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (parse(link.pathname).screen === 'nowhere') return;
  e.preventDefault();
  go(link.pathname);
}
