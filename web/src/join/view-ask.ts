// The card that asks. It says who asks, for what, and what that means; it
// takes no focus from somebody who writes, and no press that was meant for
// something else.

import { arm } from './arm';
import { button, byId, make } from './dom';
import type { View } from './view';
import type { Offer } from '../view/consent';
import type { Ask as Asked } from '../view/state';

export class Ask {
  #card?: HTMLElement;
  #shown = ''; // the request, and what a yes to it gives
  #disarm?: () => void;

  constructor(private readonly view: View) {}

  /** Shows a request, or none. */
  show(asked?: Asked): void {
    const offer = asked && this.view.offer(asked);
    const shown = asked ? `${asked.seq} ${asked.agent} ${offer}` : '';
    if (shown === this.#shown) return;
    this.#close();
    this.#shown = shown;
    if (asked) this.#open(asked, offer!);
  }

  #open(asked: Asked, kind: Offer): void {
    const { t, chat } = this.view;
    const { boot } = chat;
    const heading = make('h2', '', t(`view.ask.${kind}`, { agent: this.view.name(asked.agent), org: boot.org, surface: this.view.surface }));
    heading.id = 'ask-view';
    const text = make('div', 'text', ...this.#texts(asked, kind).map((line) => make('p', '', line)));
    text.id = 'ask-view-text';
    const yes = button(t(`view.yes.${kind}`), () => undefined);
    const no = button(t('view.no'), () => undefined);
    const report = button(t('view.report'), () => undefined);
    yes.className = 'main';
    no.className = 'quiet';
    report.className = 'link';
    const card = (this.#card = make('section', 'ask', heading, text, make('menu', '', no, yes), report));
    card.setAttribute('role', 'alertdialog');
    card.setAttribute('aria-labelledby', heading.id);
    card.setAttribute('aria-describedby', text.id);
    card.onkeydown = (e) => {
      if (e.key !== 'Escape' || !e.isTrusted) return;
      e.stopPropagation();
      this.view.no(asked, 'not-now');
      chat.composer.field.focus();
    };
    byId('composer').before(card);
    this.#disarm = arm(card, new Map<HTMLButtonElement, () => void>([
      [yes, () => void this.view.yes(asked, kind)],
      [no, () => this.view.no(asked, 'not-now')],
      [report, () => this.view.report()],
    ]));
    if (!chat.composer.field.value) no.focus();
    if (chat.unread) {
      chat.unread.readOut([heading.textContent!]);
      chat.unread.onArrival?.();
    }
    chat.log.toEnd();
  }

  #texts(asked: Asked, kind: string): string[] {
    const { t } = this.view;
    const agent = this.view.name(asked.agent);
    return [
      ...(asked.again ? [t('view.ask.again')] : []),
      t(`view.ask.${kind}.text`, { agent }),
      ...(asked.sound ? [t('view.ask.sound')] : []),
      t('view.ask.warning', { host: location.host }),
    ];
  }

  #close(): void {
    const focused = this.#card?.contains(document.activeElement);
    this.#disarm?.();
    this.#card?.remove();
    this.#card = undefined;
    this.#shown = '';
    if (focused) this.view.chat.composer.field.focus();
  }
}
