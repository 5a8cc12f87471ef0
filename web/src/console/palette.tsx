// The command palette: every action, found by its words.

import { useEffect, useId, useState } from 'preact/hooks';
import { type Action, actions } from './actions';
import { t } from './say';
import { Dialog } from './ui/dialog';

export function Palette({ onClose }: { onClose(): void }) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const found = find(actions.value, typed);
  const current = Math.min(at, found.length - 1);
  const run = (action: Action | undefined) => {
    if (!action) return;
    onClose();
    setTimeout(action.run); // once the focus is back where it was
  };
  useEffect(() => document.getElementById(`${list}-${current}`)?.scrollIntoView({ block: 'nearest' }), [current]);
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key === 'ArrowDown') setAt((current + 1) % found.length);
    else if (e.key === 'ArrowUp') setAt((current - 1 + found.length) % found.length);
    else if (e.key === 'Enter' && !e.isComposing) run(found[current]);
    else return;
    e.preventDefault();
  };
  return (
    <Dialog title={t('palette')} onClose={onClose} class="palette">
      <input role="combobox" aria-expanded="true" aria-controls={list} aria-activedescendant={found.length ? `${list}-${current}` : undefined} aria-autocomplete="list"
        aria-label={t('palette.search')} placeholder={t('palette.search')} autocomplete="off" spellcheck={false} autofocus value={typed}
        onInput={(e) => { setTyped(e.currentTarget.value); setAt(0); }} onKeyDown={onKeyDown} />
      <div class="palette-list" role="listbox" id={list} aria-label={t('palette')} tabIndex={-1}>
        {found.map((a, i) => (
          <div key={a.id} id={`${list}-${i}`} role="option" aria-selected={i === current} class="entry" onClick={() => run(a)} onPointerMove={() => setAt(i)}>
            <span>{a.label}</span>{a.keys && <kbd>{a.keys}</kbd>}
          </div>
        ))}
      </div>
      {!found.length && <p class="soft" role="status">{t('palette.none')}</p>}
    </Dialog>
  );
}

/** Returns the actions whose labels have all the words, in their order. */
export function find(all: readonly Action[], typed: string): Action[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((a) => words.every((w) => a.label.toLocaleLowerCase().includes(w)));
}
