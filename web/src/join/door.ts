// The ways in for those whom the agent lets in: asking, waiting outside, and
// going in.

import { type Entry, Refusal, post, trying } from './api';
import type { Chat } from './chat';
import { byId, show, tell } from './dom';
import type { Translate } from '../lib/text';

const ENTER_AGAIN = 3000; // milliseconds
/** Codes after which the same may work a moment later. */
const passing = ['', 'unavailable', 'too-many', 'internal'];

/** Goes on from where the server says that somebody stands. */
export function door(chat: Chat, t: Translate): void {
  const { boot } = chat;
  if (boot.state === 'in-use') byId('ask').onclick = () => void ask(chat, t);
  else if (boot.state === 'knocking') wait(chat, t);
  else if (boot.state === 'admitted') void enter(chat, t);
}

/** Asks the agent to be let in. */
function ask(chat: Chat, t: Translate): Promise<void> {
  return trying(byId<HTMLButtonElement>('ask'), t('trouble'), async () => {
    const entry = await post<Entry>('/api/knock', { token: chat.boot.token });
    byId('check').textContent = entry.check!;
    chat.boot.session = entry.session;
    wait(chat, t);
  });
}

/** Waits on the session's live stream; goes in, or shows the page that says why not. */
function wait(chat: Chat, t: Translate): void {
  history.replaceState(null, '', `/s/${chat.boot.session}`);
  show('knocking');
  byId('knocking-heading').focus();
  const client = chat.connect();
  const stop = client.subscribe(() => {
    tell(byId('net'), client.status === 'offline' ? t('net.offline') : '');
    const decided = client.standing === 'admitted' || client.standing === 'here';
    const over = client.standing === 'refused' || client.status === 'ended' || client.status === 'removed';
    if (!decided && !over) return;
    stop();
    client.close();
    if (decided) void enter(chat, t);
    else location.reload();
  });
}

/** Goes in, once admitted; tries again where the server does not answer. */
async function enter(chat: Chat, t: Translate): Promise<void> {
  show('admitted');
  try {
    chat.enter(await post<Entry>(`/api/sessions/${chat.boot.session}/enter?as=end-user`, {}));
    chat.composer.field.focus();
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    if (!passing.includes(e.code)) return location.reload();
    tell(byId('net'), t('trouble'));
    setTimeout(() => void enter(chat, t), ENTER_AGAIN);
  }
}
