// What can be done with one message: react, and for 15 minutes edit or
// withdraw an own one.

import type { Line } from './bubble';
import type { Chat } from './chat';
import { button, make } from './dom';
import { openSheet } from './more-sheet';
import type { Translate } from '../lib/text';

const REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'];
const CHANGEABLE = 15 * 60_000; // milliseconds

/** Makes the button that opens a message's menu, where it has one. */
export function menuButton(chat: Chat, t: Translate, line: Line): HTMLElement[] {
  if (!line.seq || line.file || line.withdrawn || chat.boot.state === 'ended') return [];
  const b = button('⋯', () => openMenu(chat, t, line));
  b.className = 'menu';
  b.setAttribute('aria-label', t('menu'));
  return [b];
}

/** Shows who reacted how. */
export function reactions(line: Line): HTMLElement[] {
  if (!line.reactions.length) return [];
  return [make('div', 'reactions', ...line.reactions.map(([emoji, n]) => make('span', '', n > 1 ? `${emoji} ${n}` : emoji)))];
}

function openMenu(chat: Chat, t: Translate, line: Line): void {
  const sheet = openSheet(t('menu'));
  const choose = (label: string, act: () => void) => button(label, () => {
    sheet.close();
    act();
  });
  const row = make('div', 'emoji');
  for (const emoji of REACTIONS) {
    const chosen = line.reaction === emoji;
    const b = choose(emoji, () => ask(chat, t, 'react', { message: line.seq, emoji: chosen ? '' : emoji }));
    b.setAttribute('aria-label', t('menu.react', { emoji }));
    b.setAttribute('aria-pressed', String(chosen));
    row.append(b);
  }
  sheet.form.append(row);
  if (!line.own || Date.now() - line.at.getTime() > CHANGEABLE) return;
  if (!line.link) sheet.form.append(choose(t('menu.edit'), () => edit(chat, t, line)));
  sheet.form.append(choose(t('menu.withdraw'), () => ask(chat, t, 'withdraw', { message: line.seq })));
}

function edit(chat: Chat, t: Translate, line: Line): void {
  const sheet = openSheet(t('edit.heading'));
  const field = make('textarea');
  field.value = line.text;
  field.dir = 'auto';
  field.setAttribute('aria-label', t('edit.heading'));
  const save = button(t('edit.save'), () => {
    const text = field.value.trim();
    sheet.close();
    if (text && text !== line.text) ask(chat, t, 'edit', { message: line.seq, text });
  });
  save.className = 'main';
  const cancel = button(t('edit.cancel'), sheet.close);
  cancel.className = 'quiet';
  sheet.form.append(field, make('menu', '', cancel, save));
}

/** Asks the server, and says what it refuses. */
function ask(chat: Chat, t: Translate, type: 'react' | 'edit' | 'withdraw', fields: object): void {
  chat.client!.request(type, fields).catch((e: { code?: string }) => {
    chat.composer.trouble(t(e.code === 'too-late' ? 'menu.late' : 'trouble'));
  });
}
