// What a session's screen has to do with files: sends them, and follows those
// that are on their way. What brings their bytes is a bundle of its own,
// loaded when there is something to send or to follow.

import { signal } from '@preact/signals';
import type { Attachment, Conversation } from '../../lib/conversation';
import { isolated, named, stay } from '../../lib/filewords';
import { filesOf, type Limits, type Refusal, type Transfer, type Uploads } from '../../lib/uploads';
import { get } from '../api';
import { t } from '../say';
import { announce, complain } from '../ui/notice';
import type { Talk } from './room';

const FILES: string = '/assets/files.js';

/** The uploads of a session, as the screen needs them. */
export type Sender = Pick<Uploads, 'send' | 'again' | 'cancel' | 'transfer' | 'refuse' | 'dismiss' | 'refusals' | 'busy' | 'subscribe' | 'close'>;

export class Files {
  /** Grows whenever a file came further. */
  readonly moved = signal(0);
  readonly refusals = signal<readonly Refusal[]>([]);
  /** What the server takes; unknown until it has said so. */
  readonly limits = signal<Limits | undefined>(undefined);

  private readonly ends = new Map<string, Attachment['state']>(); // as they were told
  private sender?: Sender;
  private loading?: Promise<Sender>;
  private closed = false;

  constructor(readonly session: string, private readonly load: () => Promise<Sender>) {}

  close(): void {
    this.closed = true;
    this.sender?.close();
    removeEventListener('beforeunload', stay);
  }

  /** The address of a file, or of a picture of it. */
  address(file: string, part: '' | '/preview' | '/picture' = ''): string {
    return `/api/sessions/${this.session}/files/${file}${part}`;
  }

  /** How far a file is; whoever draws it is drawn again when it moves. */
  transfer(file: string): Transfer | undefined {
    void this.moved.value;
    return this.sender?.transfer(file);
  }

  /** Asks what the server takes, once. */
  learn(): void {
    if (!this.limits.value) void get<Limits>(`/api/sessions/${this.session}/uploads`).then((l) => (this.limits.value = l), complain);
  }

  /** Sends what was chosen, dropped or pasted. */
  async send(files: File[], folders: string[] = []): Promise<void> {
    const sender = await this.open();
    for (const name of folders) sender.refuse(name, 'folder');
    if (files.length) await sender.send(files);
  }

  /** Sends a picture of what the agent sees. */
  async snapshot(file: File): Promise<void> {
    await (await this.open()).send([file], true);
  }

  /** Sends the pictures of a paste; false where it holds text, which counts then. */
  paste(data: DataTransfer): boolean {
    if (data.types.includes('text/plain') || !data.types.includes('Files')) return false;
    const { files, folders } = filesOf(data);
    this.send(files.map((f) => named(f, t)), folders).catch(complain);
    return true;
  }

  async again(file: string, picked: File): Promise<void> {
    const sender = await this.open();
    if (!sender.again(file, picked)) sender.refuse(picked.name, 'another');
  }

  async cancel(file: string): Promise<void> {
    await (await this.open()).cancel(file);
  }

  dismiss(key: string): void {
    this.sender?.dismiss(key);
  }

  /** Looks what is new: whether there is something to follow, or to tell. */
  look(conversation: Conversation): void {
    const all = [...conversation.files.values()];
    if (all.some((f) => f.state === 'offered')) this.open().catch(() => undefined); // tried again with the next news
    const news = all.filter((f) => this.ends.has(f.file) && this.ends.get(f.file) !== f.state && f.state !== 'checking');
    for (const f of all) this.ends.set(f.file, f.state);
    if (news.length) announce(news.map((f) => t('file.end', { file: isolated(f.name), state: f.state })).join('\n'));
  }

  private open(): Promise<Sender> {
    if (!this.loading) {
      this.loading = this.begin();
      this.loading.catch(() => (this.loading = undefined));
    }
    return this.loading;
  }

  private async begin(): Promise<Sender> {
    const sender = await this.load();
    sender.subscribe(() => this.took());
    this.sender = sender;
    if (this.closed) this.close();
    this.took();
    return sender;
  }

  private took(): void {
    this.refusals.value = this.sender!.refusals;
    if (this.sender!.busy) addEventListener('beforeunload', stay);
    else removeEventListener('beforeunload', stay); // with one a browser does not keep the page for "back"
    this.moved.value++;
  }
}

/** Loads what sends the files of a session. */
export async function loadSender(session: string, talk: Talk): Promise<Sender> {
  const { Uploads } = (await import(FILES)) as typeof import('../../lib/files');
  return new Uploads(talk, { session });
}
