// The card that asks for control, and walks the person through what it takes:
// the whole screen shared, the helper downloaded, started, and allowed in its
// own window. The page itself can allow nothing but the picture.

import { arm } from './arm';
import { look, wanted } from './control-aim';
import { button, byId, make } from './dom';
import type { View } from './view';
import { type ControlState, foldControl } from '../control/state';
import { equipment } from '../view/capture';
import { browserOf, buildFor, systemOf } from '../control/system';

/** What the server hands out: a code, and where each build is. */
interface Offer {
  code: string;
  expires: string;
  builds: { build: string; url: string }[];
}

const SPARE = 60_000; // ms that a code should be good for when somebody downloads with it
const REACHING = 5000; // ms that a helper may take to connect, or to come back, before another one is offered

export class Control {
  #card?: HTMLElement;
  #shown = '';
  #answered = 0; // the request that this page has answered
  #disarm?: () => void;
  #offer?: Offer;
  #missing = false; // a helper was started, and is not reached
  #reaching?: ReturnType<typeof setTimeout>;
  #trouble = '';
  #looking = false;

  constructor(private readonly view: View) {}

  get state(): ControlState {
    const { views, ended } = this.view.chat.client!.conversation;
    return foldControl(views, !!ended);
  }

  /** Shows what is to be answered or done, or nothing. */
  show(): void {
    const { state } = this;
    const mine = state.of === this.view.chat.client!.you;
    if (mine && state.phase === 'asked' && !equipment().screen) return this.no('unable');
    const asks = mine && state.phase === 'asked' && state.seq !== this.#answered;
    const prepares = mine && state.phase === 'preparing' && state.seq !== -this.#answered;
    this.#watch(prepares && state.paired && !state.reached);
    const surface = this.view.watchers.includes(state.agent) ? this.view.surface : '';
    const shown = asks ? `asked ${state.seq}` : prepares
      ? ['preparing', state.seq, surface, state.whole, state.offered, state.paired, state.reached, this.#missing, this.#offer?.code, this.#trouble].join(' ') : '';
    if (shown === this.#shown) return;
    const before = this.#shown.split(' ')[0];
    this.#shown = shown;
    this.#close();
    if (asks) this.#ask(state);
    else if (prepares) this.#steps(state, surface, before !== 'preparing');
    else this.#offer = undefined;
  }

  /** Offers another helper where the one that was started does not come, or come back: its code is used up. */
  #watch(away: boolean): void {
    if (!away) {
      clearTimeout(this.#reaching);
      this.#reaching = undefined;
      this.#missing = false;
      return;
    }
    this.#reaching ??= setTimeout(() => {
      this.#missing = true;
      this.#offer = undefined;
      this.show();
    }, REACHING);
  }

  /** The person wants none of it. */
  no(why: 'not-now' | 'unable' = 'not-now'): void {
    const { phase, seq, of } = this.state;
    if (of !== this.view.chat.client!.you) return;
    if (phase === 'on') return this.view.request('stop-control', { why: 'end-user' });
    if (phase !== 'asked' && phase !== 'preparing') return;
    this.#answered = phase === 'asked' ? seq : -seq;
    this.view.request('decline-control', { why });
    this.show();
  }

  /** Looks for the marks that the helper shows. */
  async aim(said: string): Promise<void> {
    const ids = wanted(said);
    const track = this.view.sharing.stream?.getVideoTracks()[0];
    if (!ids.length || !track || this.#looking) return;
    this.#looking = true;
    try {
      const found = await look(track, ids);
      if (found.length) this.view.chat.client!.signal({ type: 'aim', aim: JSON.stringify({ found }) });
    } finally {
      this.#looking = false;
    }
  }

  #ask(state: ControlState): void {
    const { t, chat } = this.view;
    const agent = this.view.name(state.agent);
    const yes = button(t('control.yes'), () => undefined);
    const no = button(t('view.no'), () => undefined);
    const report = button(t('view.report'), () => undefined);
    yes.className = 'main';
    no.className = 'quiet';
    report.className = 'link';
    const texts = [t('control.ask.text', { agent }), t('control.ask.helper'), t('view.ask.warning', { host: location.host })];
    this.#open(t('control.ask', { agent, org: chat.boot.org }), make('div', 'text', ...texts.map((line) => make('p', '', line))), make('menu', '', no, yes), report);
    this.#disarm = arm(this.#card!, new Map<HTMLButtonElement, () => void>([
      [yes, () => {
        this.#answered = state.seq;
        chat.client!.request('prepare-control', { participant: state.agent }).catch(() => {
          this.#answered = 0; // it is asked again, or not open any more
          this.show();
        });
        this.show();
      }],
      [no, () => this.no()],
      [report, () => this.view.report()],
    ]));
    if (!chat.composer.field.value) no.focus();
    this.#tell();
  }

  #steps(state: ControlState, surface: string, fresh: boolean): void {
    const { t } = this.view;
    const agent = this.view.name(state.agent);
    const steps = make('ol', 'steps', this.#screen(state, surface, agent), this.#download(state), this.#allow(state, agent));
    const cancel = button(t('control.cancel'), () => this.no());
    cancel.className = 'quiet';
    const report = button(t('view.report'), () => this.view.report());
    report.className = 'link';
    this.#open(t('control.steps', { agent }), steps, ...(this.#trouble ? [make('p', 'bad', this.#trouble)] : []), make('menu', '', cancel), report);
    if (fresh) this.#tell();
  }

  #screen(state: ControlState, surface: string, agent: string): HTMLElement {
    const { t } = this.view;
    const li = step(t('control.screen'), state.whole);
    if (state.whole) return li;
    if (surface) li.append(make('p', 'bad', t('control.screen.part', { agent, surface })));
    else li.append(make('p', '', t('control.screen.text')));
    const share = button(t(surface ? 'control.screen.again' : 'view.yes.screen'), () => undefined);
    share.className = 'main';
    share.onclick = (e) => e.isTrusted && void this.#share(state.agent);
    li.append(share);
    return li;
  }

  async #share(agent: string): Promise<void> {
    const why = await this.view.whole(agent);
    this.#say(why === 'unable' ? this.view.t('view.unable') : why === 'picker' ? this.view.t('control.screen.none') : '');
  }

  #download(state: ControlState): HTMLElement {
    const { t } = this.view;
    const system = systemOf(navigator);
    const started = state.paired && !this.#missing;
    const li = step(t('control.helper'), started);
    if (started || !state.whole) return li;
    const download = button(t('control.download', { system }), () => undefined);
    download.className = state.offered && this.#offer ? 'quiet' : 'main';
    download.onclick = (e) => e.isTrusted && void this.#fetch();
    li.append(make('p', '', t('control.helper.text')), download);
    if (this.#offer) {
      li.append(make('p', '', t('control.start', { system, browser: browserOf(navigator.userAgent) })), make('p', '', t('control.code'), ' ', make('b', 'code', this.#offer.code)));
      const others = make('details', '', make('summary', '', t('control.others')));
      for (const { build, url } of this.#offer.builds) {
        const link = make('a', 'act', t(`control.build.${build}`));
        link.href = url;
        link.download = '';
        others.append(link);
      }
      li.append(others);
    }
    return li;
  }

  #allow(state: ControlState, agent: string): HTMLElement {
    const li = step(this.view.t('control.allow'), false);
    if (state.paired && !this.#missing) li.append(make('p', state.reached ? '' : 'busy', this.view.t(state.reached ? 'control.allow.text' : 'control.allow.wait', { agent })));
    return li;
  }

  /** Downloads the helper for this computer, with a code of its own. */
  async #fetch(): Promise<void> {
    const { session } = this.view.chat.boot;
    if (this.state.paired || !this.#offer || Date.parse(this.#offer.expires) - Date.now() < SPARE) {
      const answer = await fetch(`/api/sessions/${session}/helper?as=end-user`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }).catch(() => undefined);
      if (!answer?.ok) return this.#say(this.view.t('control.trouble'));
      this.#offer = (await answer.json()) as Offer;
    }
    const build = await buildFor(systemOf(navigator), this.#offer.builds.map((b) => b.build));
    const found = this.#offer.builds.find((b) => b.build === build);
    this.#say(found ? '' : this.view.t('control.none'));
    if (!found) return;
    const link = make('a');
    link.href = found.url;
    link.download = '';
    link.click();
  }

  #say(trouble: string): void {
    this.#trouble = trouble;
    this.show();
  }

  #open(title: string, ...content: HTMLElement[]): void {
    const heading = make('h2', '', title);
    heading.id = 'ask-control';
    const card = (this.#card = make('section', 'ask', heading, ...content));
    card.setAttribute('role', 'alertdialog');
    card.setAttribute('aria-labelledby', heading.id);
    card.onkeydown = (e) => {
      if (e.key !== 'Escape' || !e.isTrusted || this.state.phase !== 'asked') return;
      e.stopPropagation();
      this.no();
      this.view.chat.composer.field.focus();
    };
    byId('composer').before(card);
  }

  #tell(): void {
    const { unread, log } = this.view.chat;
    unread?.readOut([this.#card!.querySelector('h2')!.textContent!]);
    unread?.onArrival?.();
    log.toEnd();
  }

  #close(): void {
    const focused = this.#card?.contains(document.activeElement);
    this.#disarm?.();
    this.#disarm = undefined;
    this.#card?.remove();
    this.#card = undefined;
    if (focused) this.view.chat.composer.field.focus();
  }
}

function step(title: string, done: boolean): HTMLElement {
  const li = make('li', done ? 'done' : '', make('b', '', title));
  return li;
}
