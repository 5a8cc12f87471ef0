// How far a file is, kept up to date in place: whoever is about to press a
// button still finds it there.

import { make } from './dom';
import type { Attachment } from '../lib/conversation';
import { progressOf } from '../lib/filewords';
import type { Translate } from '../lib/text';
import type { Transfer } from '../lib/uploads';

export class Moving {
  readonly node = make('div', 'moving');
  readonly #bar = make('progress');
  readonly #words = make('p');
  readonly #acts = make('div', 'acts');
  #missing?: boolean;

  constructor(
    private readonly file: Attachment,
    private readonly t: Translate,
    private readonly lang: string,
    private readonly acts: HTMLElement[],
    private readonly whenMissing: HTMLElement[],
  ) {
    this.#bar.max = Math.max(1, file.size);
    this.#bar.setAttribute('aria-label', t('file.progress', { name: file.name }));
    this.node.append(this.#bar, this.#words, this.#acts);
  }

  show(transfer?: Transfer): void {
    const missing = transfer?.state === 'missing';
    this.#bar.hidden = missing;
    this.#bar.value = transfer?.bytes ?? 0;
    const words = progressOf(this.file, transfer, this.t, this.lang);
    if (this.#words.textContent !== words) this.#words.textContent = words;
    if (this.#missing !== missing) this.#acts.replaceChildren(...(missing ? this.whenMissing : this.acts));
    this.#missing = missing;
  }
}
