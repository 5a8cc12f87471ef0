// Emoji for the message that is being written.

import type { Chat } from './chat';
import { button, byId, make } from './dom';
import { openSheet } from './more-sheet';

const EMOJI = '😀 😄 😅 😂 🙂 😉 😊 😍 😘 😎 🤔 🙄 😐 😕 😢 😭 😡 😱 😴 🤷 👍 👎 👌 👏 🙏 💪 👋 ✌️ ❤️ 💔 🎉 🔥 ⭐ ✅ ❌ ❓ ❗ ☕ 💡 🔒 🔑 🖥️ 💻 📱 🖨️ 🖱️ ⌨️ 📷'.split(' ');

/** Adds the emoji button to the field. */
export function composerTools(chat: Chat): void {
  const open = button('🙂', () => {
    const sheet = openSheet(chat.t('emoji'));
    const pick = (emoji: string) => () => {
      sheet.close();
      chat.composer.insert(emoji);
    };
    sheet.form.append(make('div', 'emoji', ...EMOJI.map((e) => button(e, pick(e)))));
  });
  open.className = 'tool';
  open.setAttribute('aria-label', chat.t('emoji'));
  byId('tools').append(open);
}
