// Sending files: by a button, by dropping them anywhere, by pasting pictures.
// What brings their bytes to the server is a bundle of its own, loaded when
// there is something on its way.

import type { Chat } from './chat';
import { button, byId, make } from './dom';
import { onDrop } from './more-drop';
import type { Attachment } from '../lib/conversation';
import { isolated, named, stay } from '../lib/filewords';
import { size } from '../lib/size';
import type { Translate } from '../lib/text';
import { filesOf, type Limits, type Refusal, type Transfer, type Uploads } from '../lib/uploads';

const FILES: string = '/assets/files.js';

export class Files {
  readonly #picker = make('input');
  readonly #refusals = make('div', 'refusals');
  readonly #readers = new Set<() => void>();
  readonly #ends = new Map<string, string>(); // the states of files that were told
  #uploads?: Uploads;
  #loading?: Promise<Uploads>;

  constructor(private readonly chat: Chat, private readonly t: Translate) {
    chat.client!.subscribe(() => this.#look());
    this.#look();
  }

  /** Makes the ways to send something. Where this side may send nothing, there is no button, and what is dropped is refused. */
  async take(): Promise<void> {
    this.#picker.type = 'file';
    this.#picker.hidden = true;
    this.#refusals.setAttribute('role', 'status');
    byId('composer').before(this.#refusals, this.#picker);
    byId('end').addEventListener('click', () => this.#warn());
    onDrop(this.t('file.drop'), (data) => {
      const { files, folders } = filesOf(data);
      void this.#send(files, folders);
    });
    this.chat.composer.field.addEventListener('paste', (e) => this.#pasted(e));
    const limits = await this.#limits();
    if (!limits?.off) this.#attachButton(limits);
  }

  /** How far a file is; unknown until the bundle is there. */
  transfer(id: string): Transfer | undefined {
    return this.#uploads?.transfer(id);
  }

  /** Calls f whenever files came further. */
  subscribe(f: () => void): void {
    this.#readers.add(f);
  }

  async cancel(id: string): Promise<void> {
    const uploads = await this.#load();
    await uploads.cancel(id);
  }

  /** Asks for the file that the page has lost. */
  async again(file: Attachment): Promise<void> {
    const [picked] = await this.#pick(false);
    const uploads = await this.#load();
    if (picked && !uploads.again(file.file, picked)) uploads.refuse(picked.name, 'another');
  }

  /** The address of a file, or of a picture of it. */
  address(file: string, part: '' | '/preview' | '/picture' = ''): string {
    return `/api/sessions/${this.chat.boot.session}/files/${file}${part}?as=end-user`;
  }

  #attachButton(limits?: Limits): void {
    const attach = button('📎', async () => this.#send(await this.#pick(true), []));
    attach.className = 'tool';
    attach.setAttribute('aria-label', this.t('file.attach'));
    const most = limits && this.t('file.most', { size: size(limits.mostEach, this.chat.boot.lang) });
    attach.title = [this.t('file.attach'), most].filter(Boolean).join('. ');
    byId('tools').append(attach);
  }

  #pick(several: boolean): Promise<File[]> {
    const picker = this.#picker;
    picker.multiple = several;
    picker.value = '';
    return new Promise((done) => {
      picker.onchange = () => done([...picker.files!]);
      picker.click();
    });
  }

  #pasted(e: ClipboardEvent): void {
    const data = e.clipboardData!;
    if (data.types.includes('text/plain') || !data.types.includes('Files')) return; // of office programs: the text counts
    e.preventDefault();
    const { files, folders } = filesOf(data);
    void this.#send(files.map((f) => named(f, this.t)), folders);
  }

  /** Sends files, and says what can't be sent. */
  async #send(files: File[], folders: string[]): Promise<void> {
    try {
      const uploads = await this.#load();
      for (const name of folders) uploads.refuse(name, 'folder');
      if (!files.length) return;
      await uploads.send(files);
      this.chat.unread?.caughtUp();
      this.chat.log.toEnd();
    } catch {
      this.chat.composer.trouble(this.t('trouble')); // the bundle did not come
    }
  }

  /** What the server takes; unknown where it gives no answer. */
  #limits(): Promise<Limits | undefined> {
    const path = `/api/sessions/${this.chat.boot.session}/uploads?as=end-user`;
    return fetch(path).then((answer) => (answer.ok ? answer.json() : undefined)).catch(() => undefined);
  }

  #load(): Promise<Uploads> {
    if (!this.#loading) {
      this.#loading = this.#open();
      this.#loading.catch(() => (this.#loading = undefined)); // the next one tries again
    }
    return this.#loading;
  }

  async #open(): Promise<Uploads> {
    const { Uploads } = (await import(FILES)) as typeof import('../lib/files');
    const uploads = new Uploads(this.chat.client!, { session: this.chat.boot.session!, as: 'end-user' });
    uploads.subscribe(() => this.#moved());
    return (this.#uploads = uploads);
  }

  #moved(): void {
    const { refusals, busy } = this.#uploads!;
    this.#show(refusals);
    if (busy) addEventListener('beforeunload', stay);
    else removeEventListener('beforeunload', stay); // who has it, is not kept by browsers for "back"
    for (const f of this.#readers) f();
  }

  /** Looks what is new: whether there is something to follow, or to tell. */
  #look(): void {
    const { conversation, caughtUp } = this.chat.client!;
    const files = [...conversation.files.values()];
    if (files.some((f) => f.state === 'offered') && !this.#loading) this.#load().catch(() => undefined); // tried again with the next news
    if (!caughtUp) return;
    const news = files.filter((f) => this.#ends.has(f.file) && this.#ends.get(f.file) !== f.state && f.state !== 'checking');
    for (const f of files) this.#ends.set(f.file, f.state);
    if (news.length) this.chat.unread?.readOut(news.map((f) => this.t('file.end', { file: isolated(f.name), state: f.state })));
  }

  /** Shows what was not sent, above the field, until it is closed. */
  #show(refusals: readonly Refusal[]): void {
    const box = this.#refusals;
    const there = new Map([...box.children].map((e) => [(e as HTMLElement).dataset.key!, e]));
    const keys = new Set(refusals.map((r) => r.key));
    for (const [key, e] of there) if (!keys.has(key)) e.remove();
    box.append(...refusals.filter((r) => !there.has(r.key)).map((r) => this.#refusal(r)));
  }

  #refusal(r: Refusal): HTMLElement {
    const limit = r.limit === undefined ? '' : size(r.limit, this.chat.boot.lang);
    const close = button('✕', () => {
      this.#uploads!.dismiss(r.key);
      this.chat.composer.field.focus();
    });
    close.setAttribute('aria-label', this.t('file.close', { name: r.name }));
    const line = make('p', '', make('span', '', this.t('file.not', { name: isolated(r.name), code: r.code || 'none', limit })), close);
    line.dataset.key = r.key;
    return line;
  }

  /** Says in the question about the end what is still on its way. */
  #warn(): void {
    const names = [...this.chat.client!.conversation.files.values()].filter((f) => f.state === 'offered').map((f) => isolated(f.name));
    const sure = byId('sure');
    sure.querySelector('.moving')?.remove();
    if (!names.length) return;
    const text = this.t('file.sure', { n: names.length, names: new Intl.ListFormat(this.chat.boot.lang).format(names) });
    sure.querySelector('menu')!.before(make('p', 'moving', text));
  }
}
