// Emoji for the message that is being written.

import type { Chat } from './chat';
import { button, byId, make } from './dom';
import { openSheet } from './more-sheet';
import type { Translate } from '../lib/text';

const EMOJI = '😀 😄 😅 😂 🙂 😉 😊 😍 😘 😎 🤔 🙄 😐 😕 😢 😭 😡 😱 😴 🤷 👍 👎 👌 👏 🙏 💪 👋 ✌️ ❤️ 💔 🎉 🔥 ⭐ ✅ ❌ ❓ ❗ ☕ 💡 🔒 🔑 🖥️ 💻 📱 🖨️ 🖱️ ⌨️ 📷'.split(' ');

/** Adds the emoji button to the field. */
export function composerTools(chat: Chat, t: Translate): void {
  const open = button('🙂', () => {
    const sheet = openSheet(t('emoji'));
    const pick = (emoji: string) => () => {
      sheet.close();
      insert(chat.composer.field, emoji);
    };
    sheet.form.append(make('div', 'emoji', ...EMOJI.map((e) => button(e, pick(e)))));
  });
  open.className = 'tool';
  open.setAttribute('aria-label', t('emoji'));
  byId('tools').append(open);
}

/** Puts text where the cursor is. */
function insert(field: HTMLTextAreaElement, text: string): void {
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new Event('input'));
  field.focus();
}
