// What can be done by keys.

import { shortcuts } from './prefs';
import { t } from './say';
import { Dialog } from './ui/dialog';

/** Keys that are no actions of the palette; '+' joins what is pressed together. */
const keys: [text: string, ...combinations: string[]][] = [
  ['keys.palette', 'Ctrl+K', '⌘+K'],
  ['keys.shortcuts', '?'],
  ['keys.sessions', 'Alt+J', 'Alt+K'],
  ['keys.message', 'M'],
  ['keys.search', '/'],
  ['keys.send', 'Enter'],
  ['keys.line', 'Shift+Enter'],
  ['keys.edit', '↑'],
  ['keys.messages', '↑', '↓'],
  ['keys.close', 'Esc'],
];

export function Shortcuts({ onClose }: { onClose(): void }) {
  return (
    <Dialog title={t('shortcuts')} onClose={onClose}>
      <dl class="keys">
        {keys.map(([text, ...combinations]) => (
          <div key={text}>
            <dt>{t(text)}</dt>
            <dd>{combinations.map((c) => <span key={c}>{c.split('+').map((k) => <kbd key={k}>{k}</kbd>)}</span>)}</dd>
          </div>
        ))}
      </dl>
      <label class="setting"><span>{t('keys.single')}</span>
        <input type="checkbox" role="switch" checked={shortcuts.value === 'on'} onChange={(e) => (shortcuts.value = e.currentTarget.checked ? 'on' : 'off')} /></label>
    </Dialog>
  );
}
