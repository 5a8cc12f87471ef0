// The end of a session: what the end-user keeps of it.

import { byId, tell } from './dom';
import type { Surroundings } from './bubble';

export interface Over {
  session: string;
  /** Who ended it, as a sentence. */
  who: string;
  /** The rating given before, or ''. */
  rating: string;
  from: Date;
  upto: Date;
  rate(rating: string): Promise<unknown>;
}

/** Fills the card of an ended session and makes its buttons work. */
export function showEnd(over: Over, { t }: Surroundings): void {
  byId('over-who').textContent = over.who;
  const minutes = Math.floor((over.upto.getTime() - over.from.getTime()) / 60_000);
  byId('over-length').textContent = t('ended.length', { n: minutes });
  for (const a of document.querySelectorAll<HTMLAnchorElement>('[data-kind]')) {
    a.href = `/api/sessions/${over.session}/transcript.${a.dataset.kind}?as=end-user`;
  }
  const said = byId('rated');
  for (const b of ratings()) {
    b.onclick = () => {
      press(b.value);
      over.rate(b.value).then(() => tell(said, t('rate.thanks')), () => tell(said, t('trouble')));
    };
  }
  press(over.rating);
}

function ratings(): NodeListOf<HTMLButtonElement> {
  return document.querySelectorAll('.rate button');
}

function press(rating: string): void {
  for (const b of ratings()) b.setAttribute('aria-pressed', String(b.value === rating));
}
