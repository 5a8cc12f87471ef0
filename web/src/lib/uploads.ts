// Files on their way, own ones and those of others: offers them, brings their
// bytes to the server from wherever it stopped, and knows how far each is.
// What only browsers can do (files.ts) comes from outside.

import type { Client } from './client';
import type { Env, Status } from './connection';

const AT_ONCE = 3; // own files whose bytes are under way
const TICK = 1000; // ms between two news of how far files are
const SPAN = 6000; // ms over which rates are measured
const POINT = 250; // ms between two measurements
const LEAST_WAIT = 1000; // ms; waits after a failure double from here …
const MOST_WAIT = 30_000; // … to here
const STILL = 30_000; // ms without a byte after which a connection is taken for dead
const QUIET = 5000; // ms without news after which no other tab is thought to send an own file
const OFFERS = 4; // times that a file is offered which gets no answer
const PREVIEW_LASTS = 5000; // ms that a preview may hold its file up

/** Codes of refusals that may pass; '' is no answer at all. */
const FOR_NOW = ['', 'unavailable', 'too-many', 'internal'];
/** Answers to bytes after which no more are wanted. */
const UNWANTED = [401, 403, 404, 410];
const OVER: Status[] = ['ended', 'removed', 'signed-out'];

export interface Transfer {
  file: string;
  /** On the server; of own files also those that are on the wire. */
  bytes: number;
  /** Bytes a second, over some seconds; 0 unknown. */
  rate: number;
  /** Seconds; Infinity unknown. */
  left: number;
  /**
   * running; waiting: for the network or its turn; missing: own, the page has
   * lost the file and has to be given it again; theirs: somebody else's, or
   * another tab's.
   */
  state: 'running' | 'waiting' | 'missing' | 'theirs';
}

/** What is needed of the session's client. */
export type Following = Pick<Client, 'conversation' | 'status' | 'you' | 'progress' | 'subscribe'>;

/** A file that was not taken, and why. */
export interface Refusal {
  key: string;
  name: string;
  code: string;
  /** In bytes, where size was the reason. */
  limit?: number;
}

/** What holds for files, as the server says before any is sent. */
export interface Limits {
  mostEach: number;
  mostSession: number;
  used: number;
  allow: string[];
  deny: string[];
  off: boolean;
}

/** Hears how one attempt to bring bytes goes. */
export interface Hearer {
  /** So many bytes of the file are there, or on the wire. */
  sent(bytes: number): void;
  done(): void;
  /** The status of the answer; 0 where none came. */
  failed(status: number): void;
}

/** What the outside world gives; tests give their own. */
export interface Outside {
  env: Env;
  /** Brings the bytes that the server does not have yet; returns how to stop that. */
  carry(url: string, file: File, hearer: Hearer): () => void;
  /** Makes a small picture of a file, where it shows something. */
  preview(file: File): Promise<Blob | undefined>;
}

/** How to know a file again that was chosen once more. */
interface Known {
  name: string;
  size: number;
  lastModified?: number;
  /** The tab that sends it. */
  tab?: string;
}

/** An own file that this page has. */
interface Sending {
  id: string;
  file: File;
  begun: boolean;
  /** Nothing is left to do but to hear that from the server. */
  over: boolean;
  /** Counts attempts, so that what is left of an older one is not heard. */
  attempt: number;
  stop?: () => void;
  /** The timer of the next attempt. */
  retry?: number;
  /** The timer that notices a dead connection. */
  watch?: number;
  /** Attempts since bytes came further than ever. */
  tries: number;
  most: number;
}

export class Uploads {
  refusals: readonly Refusal[] = [];
  readonly #path: string;
  readonly #query: string;
  readonly #kept: string; // how keys begin in the browser's storage
  readonly #env: Env;
  readonly #tab: string;
  readonly #own = new Map<string, Sending>();
  readonly #paces = new Map<string, Pace>();
  readonly #by = new Map<string, string>(); // who offered each file
  readonly #heard = new Map<string, number>(); // when a tab's files last moved
  readonly #settled = new Set<string>(); // files that are on their way no more
  readonly #readers = new Set<() => void>();
  readonly #leave: () => void;
  readonly #wake = () => this.#goOn();
  #looked = 0; // items of the conversation that were looked at
  #status?: Status;
  #quietSince: number;
  #tick?: number;
  #told = false; // readers are about to be called
  #closed = false;

  constructor(private readonly client: Following, where: { session: string; as?: 'end-user' }, private readonly outside: Outside) {
    this.#env = outside.env;
    this.#path = `/api/sessions/${where.session}`;
    this.#query = where.as ? `?as=${where.as}` : '';
    this.#kept = `deskside.file.${where.session}.`;
    this.#tab = thisTab(this.#env);
    this.#quietSince = this.#env.now();
    this.#leave = client.subscribe(() => this.#look());
    this.#env.events.addEventListener('online', this.#wake);
    this.#look();
  }

  /** Calls f soon after anything has changed; returns how to stop that. */
  subscribe(f: () => void): () => void {
    this.#readers.add(f);
    return () => this.#readers.delete(f);
  }

  /** Ends this page's part: what is on its way waits for another page. */
  close(): void {
    this.#closed = true;
    this.#leave();
    this.#readers.clear();
    this.#env.clearTimeout(this.#tick);
    this.#env.events.removeEventListener('online', this.#wake);
    for (const id of [...this.#own.keys()]) this.#drop(id);
  }

  /** Says whether a file would be left behind if this page were closed now. */
  get busy(): boolean {
    const { files, state } = this.client.conversation;
    return state !== 'ended' && [...this.#own.values()].some((s) => !s.over && (files.get(s.id)?.state ?? 'offered') === 'offered');
  }

  /** Offers files; what may not be sent stands in refusals. A snapshot is marked as one. */
  async send(files: Iterable<File>, snapshot = false): Promise<void> {
    const all = [...files]; // lists of browsers empty themselves
    const limits = await this.#limits();
    for (const file of all) {
      const refusal = limits && check(file, limits);
      if (refusal) this.refuse(file.name, refusal.code, refusal.limit);
      else if (await this.#offer(file, snapshot, limits) && limits) limits.used += file.size;
    }
  }

  /** Goes on with a file that the page has lost. False where it is another one. */
  again(id: string, picked: File): boolean {
    const known = this.#known(id);
    if (!known || known.name !== picked.name || known.size !== picked.size) return false;
    if (known.lastModified !== undefined && known.lastModified !== picked.lastModified) return false;
    this.#take(id, picked);
    return true;
  }

  /** Takes a file back, whoever sends it; rejects where the server could not be told. */
  async cancel(id: string): Promise<void> {
    const answer = await this.#ask('DELETE', `/uploads/${id}`);
    if (!answer || answer.status >= 500 || answer.status === 429) throw new Error('not cancelled');
  }

  /** How far a file is that is on its way. */
  transfer(id: string): Transfer | undefined {
    const file = this.client.conversation.files.get(id);
    if (file?.state !== 'offered') return undefined;
    const pace = this.#pace(id);
    const rate = pace.rate(this.#env.now());
    return { file: id, bytes: pace.bytes, rate, left: rate ? (file.size - pace.bytes) / rate : Infinity, state: this.#state(id) };
  }

  /** Says that something was not sent. */
  refuse(name: string, code: string, limit?: number): void {
    this.refusals = [...this.refusals, { key: this.#env.newID(), name: visible(name), code, limit }];
    this.#changed();
  }

  dismiss(key: string): void {
    this.refusals = this.refusals.filter((r) => r.key !== key);
    this.#changed();
  }

  #state(id: string): Transfer['state'] {
    const sending = this.#own.get(id);
    if (sending) return sending.stop || sending.over ? 'running' : 'waiting';
    return this.#by.get(id) === this.client.you && this.#lost(id) ? 'missing' : 'theirs';
  }

  /** Says whether no tab seems to have an own file. A reloaded one knows that it has not. */
  #lost(id: string): boolean {
    const tab = this.#known(id)?.tab ?? '';
    const since = Math.max(this.#heard.get(tab) ?? 0, tab === this.#tab ? 0 : this.#quietSince);
    return this.#env.now() - since >= QUIET;
  }

  #known(id: string): Known | undefined {
    const kept = this.#env.storage.getItem(this.#kept + id);
    return kept ? JSON.parse(kept) : this.client.conversation.files.get(id);
  }

  async #limits(): Promise<Limits | undefined> {
    const answer = await this.#ask('GET', '/uploads');
    return answer?.ok ? answer.json().catch(() => undefined) : undefined; // the server checks again
  }

  /** Offers a file until the server has answered; true where it took it. */
  async #offer(file: File, snapshot: boolean, limits?: Limits): Promise<boolean> {
    const about = { filename: file.name, filetype: file.type, id: this.#env.newID(), ...(snapshot && { snapshot: 'true' }) };
    for (let tries = 1; !this.#closed; tries++) {
      const answer = await this.#ask('POST', '/uploads', { 'Upload-Length': `${file.size}`, 'Upload-Metadata': metadata(about) });
      if (answer?.ok) {
        this.#take(fileAt(answer.headers.get('Location')!), file);
        return true;
      }
      const code = await codeOf(answer);
      if (!FOR_NOW.includes(code) || tries === OFFERS) {
        this.refuse(file.name, code, limitOf(code, limits));
        return false;
      }
      await new Promise<void>((done) => this.#env.setTimeout(done, wait(tries)));
    }
    return false;
  }

  /** Sends a file from now on, from wherever the server has it. */
  #take(id: string, file: File): void {
    if (this.#closed || this.#settled.has(id)) return;
    this.#drop(id);
    const { name, size, lastModified } = file;
    this.#env.storage.setItem(this.#kept + id, JSON.stringify({ name, size, lastModified, tab: this.#tab } satisfies Known));
    this.#own.set(id, { id, file, begun: false, over: file.size === 0, attempt: 0, tries: 0, most: -1 });
    this.#turns();
    this.#changed();
  }

  /** Lets those begin whose turn it is. */
  #turns(): void {
    const next = [...this.#own.values()].filter((s) => !s.over).slice(0, AT_ONCE);
    for (const s of next) if (!s.begun) void this.#begin(s);
  }

  async #begin(s: Sending): Promise<void> {
    s.begun = true;
    if (!this.client.conversation.files.get(s.id)?.preview) await this.#showPreview(s);
    if (this.#own.get(s.id) === s) this.#carry(s);
  }

  /** Gives the others a small picture first. Without one nothing is lost. */
  async #showPreview(s: Sending): Promise<void> {
    const shown = this.outside.preview(s.file).then((picture) => (
      picture && this.#ask('PUT', `/files/${s.id}/preview`, { 'Content-Type': picture.type }, picture)
    )).catch(() => undefined);
    await Promise.race([shown, new Promise<void>((done) => this.#env.setTimeout(done, PREVIEW_LASTS))]);
  }

  #carry(s: Sending): void {
    this.#halt(s);
    const attempt = ++s.attempt;
    const heard = (f: () => void) => s.attempt === attempt && f();
    s.stop = this.outside.carry(`${this.#path}/uploads/${s.id}${this.#query}`, s.file, {
      sent: (bytes) => heard(() => this.#sent(s, bytes)),
      done: () => heard(() => this.#done(s)),
      failed: (status) => heard(() => void this.#failed(s, status)),
    });
    this.#listen(s);
    this.#changed();
  }

  #halt(s: Sending): void {
    s.attempt++;
    s.stop?.();
    this.#env.clearTimeout(s.retry);
    this.#env.clearTimeout(s.watch);
    s.stop = s.retry = s.watch = undefined;
  }

  /** Tries anew if nothing moves for long: some networks lose connections and tell nobody. */
  #listen(s: Sending): void {
    this.#env.clearTimeout(s.watch);
    s.watch = this.#env.setTimeout(() => this.#carry(s), STILL);
  }

  #sent(s: Sending, bytes: number): void {
    this.#pace(s.id).take(bytes, this.#env.now());
    if (bytes > s.most) s.tries = 0;
    s.most = Math.max(s.most, bytes);
    this.#listen(s);
  }

  #done(s: Sending): void {
    this.#pace(s.id).take(s.file.size, this.#env.now());
    this.#end(s);
  }

  /** Leaves a file alone: the conversation will say what became of it. */
  #end(s: Sending): void {
    this.#halt(s);
    s.over = true;
    this.#turns();
    this.#changed();
  }

  async #failed(s: Sending, status: number): Promise<void> {
    this.#halt(s);
    if (UNWANTED.includes(status)) return this.#end(s);
    s.retry = this.#env.setTimeout(() => this.#carry(s), wait(++s.tries));
    this.#changed();
    if (status === 0 && !(await readable(s.file))) this.#forget(s);
  }

  /** The file was changed or moved on its disk: it has to be chosen again. */
  #forget(s: Sending): void {
    if (this.#own.get(s.id) === s) this.#drop(s.id);
    this.#turns();
    this.#changed();
  }

  /** Tries at once what waits for its next attempt. */
  #goOn(): void {
    for (const s of this.#own.values()) if (s.retry !== undefined) this.#carry(s);
  }

  #drop(id: string): void {
    const s = this.#own.get(id);
    if (s) this.#halt(s);
    this.#own.delete(id);
  }

  /** Looks what the conversation and the signals say. */
  #look(): void {
    const { conversation, status } = this.client;
    for (const item of conversation.items.slice(this.#looked)) if (item.kind === 'file') this.#by.set(item.file!.file, item.by);
    this.#looked = conversation.items.length;
    this.#hear();
    for (const [id, { state }] of conversation.files) if (state !== 'offered') this.#settle(id);
    if (OVER.includes(status)) for (const id of [...this.#own.keys()]) this.#drop(id);
    if (status === 'online' && this.#status !== 'online') this.#goOn();
    this.#status = status;
    this.#turns();
    this.#keepTicking();
    this.#changed();
  }

  /** Takes in how far the files of others are. */
  #hear(): void {
    const now = this.#env.now();
    for (const [id, bytes] of this.client.progress) {
      if (this.#own.has(id) || this.#settled.has(id) || this.#paces.get(id)?.bytes === bytes) continue;
      this.#pace(id).take(bytes, now);
      if (this.#by.get(id) === this.client.you) this.#heard.set(this.#known(id)?.tab ?? '', now);
    }
  }

  #settle(id: string): void {
    if (this.#settled.has(id)) return;
    this.#settled.add(id);
    this.#drop(id);
    this.#paces.delete(id);
    this.#env.storage.removeItem(this.#kept + id);
  }

  /** Tells readers each second how far files are, while any is on its way. */
  #keepTicking(): void {
    const moving = this.client.conversation.files.size > this.#settled.size;
    if (!moving || this.#tick !== undefined) return;
    this.#tick = this.#env.setTimeout(() => {
      this.#tick = undefined;
      if (this.client.status !== 'online') this.#quietSince = this.#env.now(); // hears nobody
      this.#keepTicking();
      this.#changed();
    }, TICK);
  }

  #pace(id: string): Pace {
    let pace = this.#paces.get(id);
    if (!pace) this.#paces.set(id, (pace = new Pace()));
    return pace;
  }

  /** Asks the server; undefined where no answer comes. */
  #ask(method: string, path: string, headers: Record<string, string> = {}, body?: Blob): Promise<Response | undefined> {
    const address = `${this.#path}${path}${this.#query}`;
    return this.#env.fetch(address, { method, headers: { 'Tus-Resumable': '1.0.0', ...headers }, body }).catch(() => undefined);
  }

  #changed(): void {
    if (this.#told) return;
    this.#told = true;
    queueMicrotask(() => {
      this.#told = false;
      for (const f of [...this.#readers]) f();
    });
  }
}

/** How far a file is, and how fast it comes. */
class Pace {
  bytes = 0;
  #points: { at: number; bytes: number }[] = [];

  take(bytes: number, now: number): void {
    if (bytes < this.bytes) this.#points = []; // it goes on from an earlier place
    this.bytes = bytes;
    const last = this.#points.at(-1);
    if (!last || now - last.at >= POINT) this.#points.push({ at: now, bytes });
  }

  /** Bytes a second over the last seconds; falls while nothing comes. */
  rate(now: number): number {
    this.#points = this.#points.filter((p, i) => now - p.at < SPAN || i === this.#points.length - 1);
    const first = this.#points[0];
    if (!first || now - first.at < TICK) return 0;
    return ((this.bytes - first.bytes) * 1000) / (now - first.at);
  }
}

/** Says why a file may not be sent, by what the server told before. */
export function check(file: File, l: Limits): { code: string; limit?: number } | undefined {
  const code = reason(file, l);
  return code ? { code, limit: limitOf(code, l) } : undefined;
}

function reason(file: File, l: Limits): string {
  if (l.off) return 'files-off';
  if (file.size > l.mostEach) return 'file-too-large';
  if (l.used + file.size > l.mostSession) return 'files-too-many';
  const allowed = !matches(l.deny, file) && (!l.allow.length || matches(l.allow, file));
  return allowed ? '' : 'file-type';
}

function limitOf(code: string, l?: Limits): number | undefined {
  return code === 'file-too-large' ? l?.mostEach : code === 'files-too-many' ? l?.mostSession : undefined;
}

/** Says whether a file has one of the endings (".pdf"), types or families of types ("image/*"). */
function matches(patterns: string[], file: File): boolean {
  const name = file.name.toLowerCase();
  const type = (file.type || 'application/octet-stream').toLowerCase();
  const ending = name.includes('.') ? name.slice(name.lastIndexOf('.')) : '';
  return patterns.map((p) => p.toLowerCase()).some((p) => (
    p.startsWith('.') ? p === ending : p.endsWith('/*') ? type.startsWith(p.slice(0, -1)) : p === type
  ));
}

/** A name without characters that can't be seen, or that turn the direction of writing. */
function visible(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
}

/** Names this tab; over a reload the same. */
function thisTab(env: Env): string {
  const kept = env.tab.getItem('deskside.tab') ?? env.newID();
  env.tab.setItem('deskside.tab', kept);
  return kept;
}

/** What somebody dropped or pasted. Browsers give folders as files that can't be read. */
export function filesOf(data: DataTransfer): { files: File[]; folders: string[] } {
  const files: File[] = [];
  const folders: string[] = [];
  for (const item of data.items) {
    const file = item.getAsFile(); // before anything else: it is gone after this event
    if (!file) continue;
    if (item.webkitGetAsEntry()?.isDirectory) folders.push(file.name);
    else files.push(file);
  }
  return { files, folders };
}

/** Writes pairs as tus does: a key and its value in base64. */
function metadata(pairs: Record<string, string>): string {
  return Object.entries(pairs).filter(([, value]) => value).map(([key, value]) => `${key} ${base64(value)}`).join(',');
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** The id in the address of an upload. */
function fileAt(location: string): string {
  return location.split('?')[0]!.split('/').at(-1)!;
}

async function codeOf(answer?: Response): Promise<string> {
  const problem = await answer?.json().catch(() => undefined);
  return problem?.code ?? '';
}

function wait(tries: number): number {
  return Math.min(MOST_WAIT, LEAST_WAIT * 2 ** (tries - 1));
}

/** Says whether a file can still be read: one that was changed since can't. */
function readable(file: File): Promise<boolean> {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false);
}
