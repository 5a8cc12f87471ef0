// A page that nobody sees, for tests of what it decides. It has to be
// imported before what it stands in for. Bundled with tests only.

import type { Chat } from './chat';
import type { SessionEvent } from '../lib/protocol';
import { log } from '../lib/fakes';

/** Takes every call, gives itself for everything. */
const anything: any = new Proxy(() => undefined, {
  get: (_, key) => (key === Symbol.iterator ? () => [].values() : key === Symbol.toPrimitive ? () => '' : anything),
  set: () => true,
  apply: () => anything,
});

/** An element, as far as tests look at it. */
export class FakeElement {
  textContent = '';
  onclick?: (e: object) => void;
  isConnected = false;
  private readonly children: (FakeElement | string)[] = [];

  constructor() {
    return new Proxy(this, { get: (o, key, self) => (key in o ? Reflect.get(o, key, self) : anything) });
  }

  append(...children: (FakeElement | string)[]): void {
    this.children.push(...children);
    this.textContent += children.map((c) => (typeof c === 'string' ? c : c.textContent)).join(' ');
  }

  replaceChildren(): void {}
  contains = () => false;
  getAttribute = () => 'false'; // each button is armed
  querySelector = () => undefined;

  /** The button with this label within. */
  button(label: string): FakeElement | undefined {
    for (const c of this.children) {
      if (typeof c === 'string') continue;
      const found = c.textContent === label && c.onclick ? c : c.button(label);
      if (found) return found;
    }
    return undefined;
  }

  /** Painting takes the context first. */
  getContext(): unknown {
    page.painted++;
    return anything;
  }

  before(card: FakeElement): void {
    page.card = card;
    card.remove = () => (page.card = undefined);
  }

  remove(): void {}
}

/** What of it tests look at. */
export const page: { card?: FakeElement; painted: number; frames: (() => void)[] } = { painted: 0, frames: [] };

class Observer {
  observe(): void {}
  disconnect(): void {}
}

const composer = new FakeElement();
/** What other pages of this browser's hold; a lock is never given. */
const locks = { request: () => new Promise(() => undefined), query: () => Promise.resolve({ held: [] }) };

Object.defineProperty(globalThis, 'navigator', { value: { locks, mediaDevices: {}, userAgent: '' }, configurable: true });
Object.assign(globalThis, {
  addEventListener: () => undefined, removeEventListener: () => undefined, location: { host: 'help.example' },
  ResizeObserver: Observer, IntersectionObserver: Observer, setInterval: () => 0, // nothing here waits
  requestAnimationFrame: (f: () => void) => page.frames.push(f),
  document: {
    createElement: () => new FakeElement(), getElementById: () => composer, querySelector: () => anything, querySelectorAll: () => [],
    hidden: false, hasFocus: () => true,
  },
});

/** A request that the page made. */
export interface Asked {
  type: string;
  participant?: string;
  why?: string;
  surface?: string;
}

/** A chat whose log tests write. */
export class FakeChat {
  readonly requests: Asked[] = [];
  readonly client = {
    you: 'eve', status: 'online', caughtUp: true, conversation: { views: [] as SessionEvent[], ended: undefined, number: 0 },
    onRTC: undefined as ((by: string, said: string) => void) | undefined,
    subscribe: (f: () => void) => void (this.#changed = f),
    signal: ({ rtc }: { rtc?: string }) => rtc && this.said(rtc),
    request: (type: string, fields: object) => {
      this.requests.push({ type, ...fields });
      return Promise.resolve({ seq: Infinity }); // not in the log yet
    },
  };
  /** What the page says to agents' pages. */
  said = (_: string): void => undefined;
  readonly boot = { texts: {}, lang: 'en', session: 's', org: 'Deskside' };
  readonly lines = { name: (agent: string) => agent };
  readonly composer = { field: { value: '', focus: () => undefined }, trouble: () => undefined };
  readonly log = { toEnd: () => undefined };
  #changed?: () => void;

  /** Adds to the log. */
  happened(...events: Parameters<typeof log>): void {
    const { conversation } = this.client;
    conversation.views = log(...conversation.views, ...events);
    conversation.number = conversation.views.length;
    this.#changed!();
  }

  get chat(): Chat {
    return this as unknown as Chat;
  }

  /** What was asked for, of one kind. */
  of(type: string): Asked[] {
    return this.requests.filter((r) => r.type === type);
  }
}
