// Messages on their way to the server. Each is an entry of its own in the
// browser's storage until the server has it, so that tabs of one session don't
// overwrite each other's, and a reload or a crash loses none.

export interface Pending {
  id: string;
  text: string;
  /** When it was written, in milliseconds; orders them. */
  at: number;
  /** Why the server refused it, as a code. */
  failed?: string;
}

export class Outbox {
  readonly #prefix: string;

  constructor(session: string, private readonly storage: Storage) {
    this.#prefix = `deskside.outbox.${session}.`;
  }

  /** Everything that is not acknowledged, in the order of writing. */
  get items(): Pending[] {
    const items: Pending[] = [];
    for (let i = 0; i < this.storage.length; i++) {
      const key = this.storage.key(i)!;
      if (key.startsWith(this.#prefix)) items.push(JSON.parse(this.storage.getItem(key)!));
    }
    return items.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  put(item: Pending): void {
    this.storage.setItem(this.#prefix + item.id, JSON.stringify(item));
  }

  get(id: string): Pending | undefined {
    const item = this.storage.getItem(this.#prefix + id);
    return item ? JSON.parse(item) : undefined;
  }

  remove(id: string): void {
    this.storage.removeItem(this.#prefix + id);
  }

  /** Says whether a key of the storage is one of this outbox. */
  owns(key: string | null): boolean {
    return key === null || key.startsWith(this.#prefix);
  }
}
