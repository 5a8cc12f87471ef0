// What can be done with one message: react, and for 15 minutes edit or
// withdraw an own one.

import type { Line } from './bubble';
import type { Chat } from './chat';
import { button, byId, make, tell } from './dom';
import { openSheet } from './more-sheet';

const REACTIONS = ['👍', '❤️', '😂', '😮', '😢', '🙏'];
const CHANGEABLE = 15 * 60_000; // milliseconds

/** Gives each message its menu. */
export function messageMenu(chat: Chat): void {
  chat.around.menu = (line) => openMenu(chat, line);
  chat.log.paint();
}

function openMenu(chat: Chat, line: Line): void {
  const sheet = openSheet(chat.t('menu'));
  const choose = (label: string, act: () => void) => button(label, () => {
    sheet.close();
    act();
  });
  const row = make('div', 'emoji');
  for (const emoji of REACTIONS) {
    const chosen = line.reaction === emoji;
    const b = choose(emoji, () => ask(chat, 'react', { message: line.seq, emoji: chosen ? '' : emoji }));
    b.setAttribute('aria-label', chat.t('menu.react', { emoji }));
    b.setAttribute('aria-pressed', String(chosen));
    row.append(b);
  }
  sheet.form.append(row);
  if (!line.own || Date.now() - line.at.getTime() > CHANGEABLE) return;
  if (!line.link) sheet.form.append(choose(chat.t('menu.edit'), () => edit(chat, line)));
  sheet.form.append(choose(chat.t('menu.withdraw'), () => ask(chat, 'withdraw', { message: line.seq })));
}

function edit(chat: Chat, line: Line): void {
  const sheet = openSheet(chat.t('edit.heading'));
  const field = make('textarea');
  field.value = line.text;
  field.dir = 'auto';
  field.setAttribute('aria-label', chat.t('edit.heading'));
  const save = button(chat.t('edit.save'), () => {
    const text = field.value.trim();
    sheet.close();
    if (text && text !== line.text) ask(chat, 'edit', { message: line.seq, text });
  });
  save.className = 'main';
  const cancel = button(chat.t('edit.cancel'), sheet.close);
  cancel.className = 'quiet';
  sheet.form.append(field, make('menu', '', cancel, save));
}

/** Asks the server, and says what it refuses. */
function ask(chat: Chat, type: 'react' | 'edit' | 'withdraw', fields: object): void {
  chat.client!.request(type, fields).catch((e: { code?: string }) => {
    tell(byId('hint'), chat.boot.texts[`error.${e.code}`] ?? chat.t('trouble'));
  });
}
