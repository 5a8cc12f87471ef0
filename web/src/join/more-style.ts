// How the page looks beyond what it needs from the beginning.

import { byId } from './dom';

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0a6670" d="M3 1h10a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H8l-4 3v-3H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2z"/></svg>';

/** Gives the page its icon, and the style sheet unless it has it; done once that is there, or can't be. */
export function dress(): Promise<void> {
  document.querySelector<HTMLLinkElement>('link[rel=icon]')!.href = `data:image/svg+xml,${encodeURIComponent(ICON)}`;
  if (document.querySelector('link[rel=stylesheet]')) return Promise.resolve();
  return new Promise((done) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = byId('boot').dataset.sheet!;
    link.onload = link.onerror = () => done();
    document.head.append(link);
  });
}
