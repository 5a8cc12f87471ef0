// The join page: from the link to the chat, in one page and without a reload.

import { type Entry, post, trying } from './api';
import type { Boot } from './boot';
import { Chat } from './chat';
import { byId } from './dom';
import { texts } from '../lib/text';

const boot: Boot = JSON.parse(byId('boot').textContent!);
const t = texts(boot.texts, boot.lang);
document.documentElement.classList.add('js');

const chat = new Chat(boot, t, start);

/** Starts the session, by a person's own act: nothing else counts. */
function start(act: Event, first = ''): void {
  if (!act.isTrusted || chat.client) return;
  void trying(byId<HTMLButtonElement>('start'), t('trouble'), async () => {
    chat.enter(await post<Entry>('/api/join', { token: boot.token }));
    if (first) chat.say(first);
  });
}

if (boot.state === 'waiting') byId('start').onclick = start;
if (boot.state === 'here' || boot.state === 'ended') chat.begin();
else chat.loadMore(); // it knows the ways in, and out
