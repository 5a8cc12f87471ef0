// What the page of a link can do before anybody has started: say that the
// agent is a stranger, and show the organisation's picture.

import { post, trying } from './api';
import type { Chat } from './chat';
import { button, byId, make } from './dom';
import type { Translate } from '../lib/text';

/** Adds "I don't know this person" below the card's last sentence. */
export function doubt(chat: Chat, t: Translate): void {
  const card = document.querySelector('[data-when=waiting].card')!;
  const no = button(t('doubt'), () => undefined);
  no.className = 'quiet';
  no.onclick = (act) => {
    if (!act.isTrusted || chat.client) return;
    void trying(no, t('trouble'), async () => {
      await post('/api/doubt', { token: chat.boot.token });
      thank(card, chat, t);
    });
  };
  card.append(no);
}

/** Takes everything away that could start the chat. */
function thank(card: Element, chat: Chat, t: Translate): void {
  const heading = make('h1', '', t('doubt.thanks'));
  heading.tabIndex = -1;
  card.replaceChildren(heading, make('p', '', t('doubt.text', { agent: chat.boot.agent })));
  byId('composer').parentElement!.remove();
  heading.focus();
}

/** Shows the organisation's picture in the bar; its name stands beside it. */
export function showLogo(logo: string): void {
  const picture = make('img', 'logo');
  picture.alt = '';
  picture.src = logo;
  byId('agent').closest('.bar')!.querySelector('.who')!.after(picture);
}
