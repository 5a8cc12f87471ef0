// Emoji: few and useful ones. Screen readers know their names.

import { t } from '../say';
import { Icon } from '../ui/icon';
import { Popover } from '../ui/popover';

/** Those for reactions. */
export const quick = ['👍', '❤️', '😊', '🎉', '🙏', '👀'];

const all = [
  '😊', '🙂', '😀', '😄', '😅', '😂', '😉', '😎', '🤔', '😕', '😮', '😢',
  '👍', '👎', '👋', '🙏', '👏', '💪', '👌', '🤝', '👉', '👈', '☝️', '👇',
  '❤️', '🎉', '✨', '⭐', '🔥', '☕', '🍀', '🌞', '✅', '❌', '⚠️', '❗',
  '❓', '💡', '🔒', '🔑', '💻', '🖥️', '⌨️', '🖱️', '🖨️', '📱', '📎', '📷',
];

export function EmojiPicker({ onPick }: { onPick(emoji: string): void }) {
  return (
    <Popover face={<Icon name="smile" />} label={t('emoji')} class="quiet round" panelClass="emoji">
      {(close) => all.map((emoji) => (
        <button type="button" key={emoji} onClick={() => { close(); onPick(emoji); }}>{emoji}</button>
      ))}
    </Popover>
  );
}
