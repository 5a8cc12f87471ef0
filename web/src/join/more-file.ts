// The bubble of a file: what it is, how far it is, and what can be done.

import type { Line } from './bubble';
import type { Chat } from './chat';
import { button, make } from './dom';
import type { Files } from './more-files';
import { Moving } from './more-moving';
import { openSheet } from './more-sheet';
import type { Attachment } from '../lib/conversation';
import { kindOf } from '../lib/filewords';
import { size } from '../lib/size';
import type { Translate } from '../lib/text';

interface Drawn {
  node: HTMLElement;
  /** Changes when it has to be drawn again. */
  look: string;
  moving?: Moving;
}

export class FileBubbles {
  readonly #drawn = new Map<string, Drawn>();

  constructor(private readonly chat: Chat, private readonly t: Translate, private readonly files: Files) {
    files.subscribe(() => this.#move());
  }

  /** What shows a line's file. It is the same as long as the file looks the same, and keeps the focus. */
  of(line: Line): HTMLElement {
    const file = line.file!;
    const look = JSON.stringify(file);
    let drawn = this.#drawn.get(file.file);
    if (drawn?.look !== look) this.#drawn.set(file.file, (drawn = this.#draw(file, look)));
    const focused = document.activeElement as HTMLElement;
    if (drawn.node.contains(focused)) queueMicrotask(() => focused.focus()); // once it is back in the page
    return drawn.node;
  }

  #move(): void {
    for (const [id, { moving }] of this.#drawn) moving?.show(this.files.transfer(id));
  }

  #draw(file: Attachment, look: string): Drawn {
    const name = make('div', 'filename', file.name);
    name.dir = 'auto';
    const about = make('div', 'about', `${kindOf(file, this.t)}, ${size(file.size, this.chat.boot.lang)}`);
    const node = make('div', 'file', ...this.#picture(file), name, about);
    if (file.state !== 'offered') {
      node.append(...this.#outcome(file));
      return { node, look };
    }
    const moving = new Moving(file, this.t, this.chat.boot.lang, [this.#cancel(file)], [this.#again(file), this.#cancel(file)]);
    moving.show(this.files.transfer(file.file));
    node.append(moving.node);
    return { node, look, moving };
  }

  /** Shows what can be seen of it; once it has arrived, large on demand. */
  #picture(file: Attachment): HTMLElement[] {
    const gone = !['offered', 'checking', 'arrived'].includes(file.state);
    if (gone || !(file.preview || file.width)) return [];
    const picture = make('img');
    picture.alt = '';
    picture.onload = () => this.chat.log.scroller.settle();
    picture.onerror = () => picture.remove();
    picture.src = this.files.address(file.file, '/preview');
    if (!file.width) return [picture];
    const open = button('', () => this.#large(file));
    open.className = 'thumb';
    open.setAttribute('aria-label', this.t('file.show', { name: file.name }));
    open.append(picture);
    return [open];
  }

  #large(file: Attachment): void {
    const sheet = openSheet(file.name);
    const picture = make('img');
    picture.alt = file.name;
    picture.width = file.width!;
    picture.height = file.height!;
    picture.src = this.files.address(file.file, '/picture');
    sheet.form.parentElement!.classList.add('large');
    const close = button(this.t('file.back'), sheet.close);
    close.className = 'quiet';
    sheet.form.append(picture, make('menu', '', close, this.#download(file)));
  }

  #outcome(file: Attachment): HTMLElement[] {
    switch (file.state) {
      case 'arrived':
        return [make('div', 'acts', this.#download(file)), this.#sum(file.sha256!)];
      case 'checking':
        return [make('p', 'busy', this.t('file.checking')), ...this.#acts(this.#cancel(file))];
      case 'refused':
        return [make('p', 'bad', this.t('file.refused', { why: file.why!, threat: file.threat ?? '' }))];
      default:
        return [make('p', '', this.t('file.gone', { state: file.state }))];
    }
  }

  #acts(...acts: HTMLElement[]): HTMLElement[] {
    return this.chat.boot.state === 'ended' ? [] : [make('div', 'acts', ...acts)];
  }

  #download(file: Attachment): HTMLElement {
    const link = make('a', 'act', this.t('file.download'));
    link.href = this.files.address(file.file);
    link.download = '';
    link.setAttribute('aria-label', `${this.t('file.download')}: ${file.name}`);
    return link;
  }

  #cancel(file: Attachment): HTMLButtonElement {
    return act(this.t('file.cancel'), file, () => this.#trying(this.files.cancel(file.file)));
  }

  #again(file: Attachment): HTMLButtonElement {
    return act(this.t('file.again'), file, () => this.#trying(this.files.again(file)));
  }

  #trying(what: Promise<void>): void {
    what.catch(() => this.chat.composer.trouble(this.t('trouble')));
  }

  /** The checksum, for who wants to compare it. */
  #sum(sum: string): HTMLElement {
    const short = make('summary', '', `SHA-256 ${sum.slice(0, 8)}…`);
    short.title = sum;
    return make('details', 'sum', short, make('code', '', sum));
  }
}

/** Makes a button whose name says which file it is about. */
function act(label: string, file: Attachment, press: () => void): HTMLButtonElement {
  const b = button(label, press);
  b.className = 'act';
  b.setAttribute('aria-label', `${label}: ${file.name}`);
  return b;
}
