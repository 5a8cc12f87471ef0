// What can be done by keys.

import { shortcuts } from './prefs';
import { t } from './say';
import { Dialog } from './ui/dialog';

/** The keys of the palette, as this system's keyboard names them. */
export function paletteKeys(): string[] {
  return [/Mac|iP(hone|ad|od)/.test(navigator.platform) ? '⌘' : t('key.ctrl'), 'K'];
}

/** What keys do; each way to press them is a list of keys pressed together. */
const keys = (): [text: string, ...ways: string[][]][] => [
  ['keys.palette', paletteKeys()],
  ['keys.shortcuts', ['?']],
  ['keys.sessions', ['Alt', 'J'], ['Alt', 'K']],
  ['keys.message', ['M']],
  ['keys.search', ['/']],
  ['keys.send', ['Enter']],
  ['keys.line', ['Shift', 'Enter']],
  ['keys.edit', ['↑']],
  ['keys.messages', ['↑'], ['↓']],
  ['keys.close', ['Esc']],
];

export function Shortcuts({ onClose }: { onClose(): void }) {
  return (
    <Dialog title={t('shortcuts')} onClose={onClose}>
      <dl class="keys">
        {keys().map(([text, ...ways]) => (
          <div key={text}>
            <dt>{t(text)}</dt>
            <dd>{ways.map((way) => <span key={way.join()}>{way.map((k) => <kbd key={k}>{k}</kbd>)}</span>)}</dd>
          </div>
        ))}
      </dl>
      <label class="setting"><span>{t('keys.single')}</span>
        <input type="checkbox" role="switch" checked={shortcuts.value === 'on'} onChange={(e) => (shortcuts.value = e.currentTarget.checked ? 'on' : 'off')} /></label>
    </Dialog>
  );
}
