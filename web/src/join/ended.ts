// The end of a session: what the end-user keeps of it.

import type { Boot } from './boot';
import { byId, tell } from './dom';
import type { Lines } from './lines';
import type { Client } from '../lib/client';
import type { Translate } from '../lib/text';

/** Fills the card of an ended session and makes its buttons work. */
export function showEnd(client: Client, lines: Lines, boot: Boot, t: Translate): void {
  const { items, started, ended, rating } = client.conversation;
  const end = items.findLast((i) => i.kind === 'line' && i.key.startsWith('line.ended'));
  if (end?.kind === 'line') byId('over-who').textContent = lines.happened(end);
  byId('over-length').textContent = t('ended.length', { n: Math.floor((Date.parse(ended) - Date.parse(started)) / 60_000) });
  for (const a of document.querySelectorAll<HTMLAnchorElement>('[data-kind]')) {
    a.href = `/api/sessions/${boot.session}/transcript.${a.dataset.kind}?as=end-user`;
  }
  for (const b of ratings()) {
    b.onclick = () => {
      press(b.value);
      const said = byId('rated');
      client.request('rate', { rating: b.value as typeof rating }).then(() => tell(said, t('rate.thanks')), () => tell(said, t('trouble')));
    };
  }
  press(rating);
}

function ratings(): NodeListOf<HTMLButtonElement> {
  return document.querySelectorAll('.rate button');
}

function press(rating: string): void {
  for (const b of ratings()) b.setAttribute('aria-pressed', String(b.value === rating));
}
