// The join page: from the link to the chat, in one page and without a reload.

import { type Entry, Refusal, post } from './api';
import type { Boot } from './boot';
import { Chat } from './chat';
import { byId, show, tell } from './dom';
import { texts } from '../lib/text';
import { waitOutside } from './knock';

const boot: Boot = JSON.parse(byId('boot').textContent!);
const t = texts(boot.texts, boot.lang);
document.documentElement.classList.add('js');

const chat = new Chat(boot, t, start);

const ENTER_AGAIN = 3000; // milliseconds

/** Codes after which the server's own page says what to do. */
const anotherPage = /^key-|^session-ended/;

/** Starts the session, by a person's own act: nothing else counts. */
async function start(act: Event, first = ''): Promise<void> {
  if (!act.isTrusted || chat.client) return;
  await trying(byId<HTMLButtonElement>('start'), async () => {
    enter(await post<Entry>('/api/join', { token: boot.token }));
    if (first) chat.say(first);
  });
}

/** Asks the agent to be let in. */
async function ask(): Promise<void> {
  await trying(byId<HTMLButtonElement>('ask'), async () => {
    const entry = await post<Entry>('/api/knock', { token: boot.token });
    byId('check').textContent = entry.check!;
    boot.session = entry.session;
    wait();
  });
}

/** Does something once at a time, and says what went wrong. */
async function trying(button: HTMLButtonElement, act: () => Promise<void>): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  try {
    await act();
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    if (anotherPage.test(e.code)) location.reload();
    tell(byId('net'), boot.texts[`error.${e.code}`] ?? t('trouble'));
  }
  button.disabled = false;
}

function wait(): void {
  history.replaceState(null, '', `/s/${boot.session}`);
  show('knocking');
  waitOutside(boot.session!, t, () => void enterRoom());
}

/** Goes in, once admitted; tries again where the server does not answer. */
async function enterRoom(): Promise<void> {
  show('admitted');
  try {
    enter(await post<Entry>(`/api/sessions/${boot.session}/enter?as=end-user`, {}));
  } catch (e) {
    const code = e instanceof Refusal ? e.code : '';
    tell(byId('net'), boot.texts[`error.${code}`] ?? t('trouble'));
    setTimeout(() => void enterRoom(), ENTER_AGAIN);
  }
}

function enter(entry: Entry): void {
  Object.assign(boot, entry, { state: 'here' });
  tell(byId('net'), '');
  chat.begin();
}

const begin: Record<Boot['state'], () => void> = {
  waiting: () => byId('start').addEventListener('click', (e) => void start(e)),
  'in-use': () => byId('ask').addEventListener('click', () => void ask()),
  knocking: wait,
  admitted: () => void enterRoom(),
  here: () => chat.begin(),
  ended: () => chat.begin(),
};
begin[boot.state]();
