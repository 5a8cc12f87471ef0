// A box for one choice. Escape and a press beside it close it, and the focus
// goes back to where it was.

import { make } from './dom';

export interface Sheet {
  form: HTMLFormElement;
  close(): void;
}

/** Opens an empty box with this name. */
export function openSheet(name: string): Sheet {
  const form = make('form');
  form.method = 'dialog';
  const dialog = make('dialog', 'sheet', form);
  dialog.setAttribute('aria-label', name);
  dialog.onclick = (e) => {
    if (e.target === dialog) dialog.close();
  };
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  queueMicrotask(() => dialog.showModal()); // once it is filled, so that its first button gets the focus
  return { form, close: () => dialog.close() };
}
