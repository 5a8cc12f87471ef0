// The bar that says who sees what since when, as long as anything is shown;
// and the page's title and icon, for when it is behind other windows.

import { button, byId, make } from './dom';
import type { View } from './view';
import { regional } from '../lib/regional';

const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#b3261e" stroke="#fff" stroke-width="2"/></svg>';

export class Bar {
  readonly #bar = make('section', 'viewbar');
  readonly #who = make('p', 'seen');
  readonly #codes = make('div', 'codes');
  readonly #controls = make('p', 'controls');
  readonly #release: HTMLButtonElement;
  readonly #pause: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')!;
  readonly #usual = this.#icon.href;
  #since = 0;
  #told = '';

  constructor(private readonly view: View) {
    const { t } = view;
    this.#bar.setAttribute('aria-label', t('view.bar'));
    this.#pause = button('', () => view.pause(!view.sharing.paused));
    this.#stop = button(t('view.stop'), () => view.stop('end-user'));
    this.#pause.className = 'quiet';
    this.#stop.className = 'main stop';
    this.#release = button(t('control.stop'), () => view.control.no());
    this.#release.className = 'quiet';
    const report = button(t('view.report'), () => view.report());
    report.className = 'link';
    const details = make('details', '', make('summary', '', t('view.more')), this.#codes);
    this.#bar.append(this.#who, make('menu', '', this.#pause, this.#stop), this.#controls, details, report);
    setInterval(() => this.#time(), 1000);
    byId('end').addEventListener('click', () => this.#warn());
  }

  show(): void {
    const { view } = this;
    const { watchers, sharing } = view;
    const on = watchers.length > 0;
    if (on !== this.#bar.isConnected) this.#turn(on);
    if (!on) return;
    this.#pause.textContent = view.t(sharing.paused ? 'view.resume' : 'view.pause');
    this.#bar.classList.toggle('paused', sharing.paused);
    this.#tell(view.t(sharing.paused ? 'view.paused' : 'view.seen', {
      agents: new Intl.ListFormat(view.chat.boot.lang).format(watchers.map((w) => view.name(w))), n: watchers.length,
      surface: view.surface, sound: String(!!sharing.stream?.getAudioTracks().length),
    }));
    this.#control();
    this.#codes.replaceChildren(...watchers.flatMap((w) => this.#code(w)));
  }

  /** Says who controls the computer, too. */
  #control(): void {
    const { phase, agent, paused } = this.view.control.state;
    const text = phase === 'on' ? this.view.t('control.bar', { agent: this.view.name(agent), paused: String(paused) }) : '';
    if (text === (this.#controls.firstChild?.textContent ?? '')) return;
    this.#controls.replaceChildren(...(text ? [make('b', '', text), ' ', this.#release] : []));
    if (text) this.view.chat.unread?.readOut([text]);
  }

  #code(agent: string): HTMLElement[] {
    const code = this.view.sharing.codes.get(agent);
    return code ? [make('p', '', this.view.t('view.code', { agent: this.view.name(agent) }), ' ', make('b', 'code', code))] : [];
  }

  /** Says in the question about the end that something is shown. */
  #warn(): void {
    const sure = byId('sure');
    sure.querySelector('.shown')?.remove();
    if (this.view.watchers.length) sure.querySelector('menu')!.before(make('p', 'shown', this.view.t('view.sure', { surface: this.view.surface })));
  }

  #turn(on: boolean): void {
    const { chat, t } = this.view;
    const focused = this.#bar.contains(document.activeElement);
    if (on) document.querySelector('header')!.after(this.#bar);
    else this.#bar.remove();
    this.#since = on ? Date.now() : 0;
    this.#told = '';
    this.#icon.href = on ? `data:image/svg+xml,${encodeURIComponent(ICON)}` : this.#usual;
    if (chat.unread) {
      chat.unread.sign = on ? `${t('view.title')} ` : '';
      chat.unread.look();
      if (!on) chat.unread.readOut([t('view.over')]);
    }
    if (focused) chat.composer.field.focus();
  }

  /** Says who sees it: written anew only when it is something else, and read out then. */
  #tell(text: string): void {
    if (text === this.#told) return;
    this.#told = text;
    this.#who.replaceChildren(make('b', '', text), ' ', make('span', 'for'));
    this.#time();
    this.view.chat.unread?.readOut([text]);
  }

  #time(): void {
    const span = this.#who.querySelector('.for');
    if (!span || !this.#since) return;
    const s = Math.floor((Date.now() - this.#since) / 1000);
    const length = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
    const at = new Date(this.#since).toLocaleTimeString(regional(this.view.chat.boot.lang), { timeStyle: 'short' });
    span.textContent = this.view.t('view.since', { at, length });
  }
}
