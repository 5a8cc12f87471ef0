// The end of a session: what the end-user keeps of it.

import type { Chat } from './chat';
import { button, byId, make, tell } from './dom';
import type { Files } from './more-files';
import type { Translate } from '../lib/text';

/** Fills the card of an ended session and makes its buttons work. */
export function showEnd(chat: Chat, t: Translate, files: Files): void {
  const client = chat.client!;
  document.title = `${t('ended.title')} · ${chat.boot.org}`;
  for (const b of ratings()) {
    b.onclick = () => {
      press(b.value);
      const said = byId('rated');
      client.request('rate', { rating: b.value as Rating }).then(() => tell(said, t('rate.thanks')), () => tell(said, t('trouble')));
    };
  }
  document.querySelector('.keep')!.after(reporting(chat, t));
  const stop = client.subscribe(fill);
  fill();

  /** Says what happened, once all of it is known. */
  function fill(): void {
    const { items, started, ended, rating } = client.conversation;
    const end = items.findLast((i) => i.kind === 'line' && i.key.startsWith('line.ended'));
    if (client.status !== 'ended' || end?.kind !== 'line') return;
    stop();
    byId('over-who').textContent = chat.lines!.happened(end);
    byId('over-length').textContent = t('ended.length', { n: Math.floor((Date.parse(ended) - Date.parse(started)) / 60_000) });
    if (rating) press(rating);
    listFiles();
  }

  /** Lists the files that can still be downloaded. */
  function listFiles(): void {
    const here = [...client.conversation.files.values()].filter((f) => f.state === 'arrived');
    if (!here.length) return;
    document.querySelector('.keep')!.after(make('p', 'keep files', make('b', '', t('file.list')), ...here.map((f) => {
      const link = make('a', '', make('bdi', '', f.name));
      link.href = files.address(f.file);
      link.download = '';
      return link;
    })));
  }
}

/** Makes the way to report the session, also after its end. */
function reporting(chat: Chat, t: Translate): HTMLElement {
  const said = make('span');
  said.setAttribute('role', 'status');
  const report = button(t('ended.report'), () => {
    report.disabled = true;
    chat.client!.request('report').then(() => (said.textContent = t('ended.reported')), () => {
      report.disabled = false;
      said.textContent = t('trouble');
    });
  });
  report.className = 'link';
  return make('p', 'soft', report, ' ', said);
}

type Rating = 'good' | 'middling' | 'bad';

function ratings(): NodeListOf<HTMLButtonElement> {
  return document.querySelectorAll('.rate button');
}

function press(rating: string): void {
  for (const b of ratings()) b.setAttribute('aria-pressed', String(b.value === rating));
}
