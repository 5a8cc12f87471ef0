// The state that the events of a session fold to, as the page shows it. It is
// the same fold as the server's; testdata/fold holds both to the same results.
// What only agents see of inviting is in agentconversation.ts, so that the
// join page need not carry it.

import type { Bodies, Overview, Participant, SessionEvent } from './protocol';

interface Common {
  seq: number;
  at: string;
  by: string;
}

/** Something said. A pushed link is a message whose text is an address, a file one whose text is its name. */
export interface Message extends Common {
  kind: 'message' | 'link' | 'note' | 'file';
  id: string;
  text: string;
  /** When this text was written; at, unless it was edited. */
  written: string;
  /** The texts before this one and when they were written, oldest first. */
  edits: { text: string; at: string }[];
  withdrawn: boolean;
  /** Who reacted how. */
  reactions: Map<string, string>;
  file?: Attachment;
}

/** A file, as its events left it. */
export interface Attachment extends Partial<Omit<Bodies['file-moved'], 'file' | 'state'>> {
  file: string;
  name: string;
  /** In bytes. */
  size: number;
  mediaType: string;
  /** An agent took it of what they saw. */
  snapshot?: boolean;
  state: 'offered' | Bodies['file-moved']['state'];
  /** A small picture of it can be shown; so it can where it has arrived and has a width. */
  preview?: boolean;
}

/** Something that happened; key names its text, who is its {name}. */
export interface Line extends Common {
  kind: 'line';
  key: string;
  who: string;
  params: Record<string, string>;
}

export type Item = Message | Line;

/** Who comes and goes. */
type Move = Extract<SessionEvent, { data: { participant: string } }>;

export class Conversation {
  /** The seq of the last event. */
  number = 0;
  items: Item[] = [];
  participants = new Map<string, Participant>();
  state: Overview['state'] = 'waiting';
  agent = '';
  title = '';
  controlWished = false;
  created = '';
  started = '';
  ended = '';
  endReason: Bodies['ended']['reason'] | '' = '';
  endedBy = '';
  expires = '';
  rating: Bodies['rated']['rating'] = '';
  summary?: Bodies['summarized'];
  readonly files = new Map<string, Attachment>();
  /** What happened about seeing a screen; view/state.ts folds it. */
  readonly views: SessionEvent[] = [];
  readonly #messages = new Map<number, Message>();

  /** Folds events in, which follow each other. */
  apply(events: readonly SessionEvent[]): void {
    for (const e of events) {
      this.number = e.seq;
      this.#fold(e);
    }
  }

  /** The message with a number. */
  message(seq: number): Message | undefined {
    return this.#messages.get(seq);
  }

  #fold(e: SessionEvent): void {
    switch (e.type) {
      case 'created':
        this.agent = e.data.agent;
        this.created = e.at;
        this.expires = e.data.expires;
        this.#join({ id: e.data.agent, role: 'agent', name: e.data.agentName, standing: 'here' });
        return this.#line(e, e.type, e.data.agent);
      case 'titled':
        this.title = e.data.title;
        return;
      case 'control-wished':
        this.controlWished = e.data.on;
        return;
      case 'key-extended':
      case 'key-renewed':
        this.expires = e.data.expires;
        this.state = 'waiting';
        return this.#line(e, e.type);
      case 'key-expired':
      case 'key-revoked':
        this.state = e.type === 'key-expired' ? 'expired' : 'revoked';
        return this.#line(e, e.type);
      case 'message':
      case 'note':
        this.#said(e, e.type, e.data.text);
        return;
      case 'link':
        this.#said(e, e.type, e.data.url);
        return;
      case 'file': {
        const file = (this.#said(e, e.type, e.data.name).file = { ...e.data, state: 'offered' });
        this.files.set(file.file, file);
        return;
      }
      case 'file-moved':
      case 'file-preview':
        Object.assign(this.files.get(e.data.file)!, e.data);
        return;
      case 'edited':
      case 'withdrawn':
      case 'reacted':
        return this.#change(e);
      case 'ended':
        this.state = 'ended';
        this.ended = e.at;
        this.endReason = e.data.reason;
        this.endedBy = e.by ?? '';
        for (const f of this.files.values()) if (f.state === 'offered') f.state = 'cancelled';
        return this.#line(e, `ended.${e.data.reason}`);
      case 'rated':
        this.rating = e.data.rating;
        return this.#line(e, `rated.${e.data.rating}`);
      case 'summarized':
        this.summary = e.data;
        return;
      default:
        if (/^(view|rep|eq|con|help)/.test(e.type)) this.#viewed(e);
        else this.#move(e as Move); // or of inviting: nothing happens
    }
  }

  #viewed(e: SessionEvent): void {
    this.views.push(e);
    if (!/ing|eq|help/.test(e.type)) this.#line(e, e.type, undefined, e.data as never);
  }

  /** Folds who comes and goes. */
  #move(e: Move): void {
    const id = e.data.participant;
    switch (e.type) {
      case 'knocked':
        this.#join({ id, role: 'end-user', standing: 'knocking', via: e.data.via, check: e.data.check, since: e.at });
        return this.#line(e, e.type, id, { check: e.data.check });
      case 'arrived': {
        const { role, name, via } = e.data;
        this.#join({ ...this.participants.get(id), id, role, name, via, standing: 'here', check: undefined });
        if (role === 'end-user' && this.started) return this.#line(e, 'joined', id);
        if (role === 'end-user') {
          this.state = 'active';
          this.started = e.at;
        }
        return this.#line(e, `arrived.${role}`, id);
      }
      case 'admitted':
      case 'refused':
        this.#stand(id, e.type);
        return this.#line(e, e.type);
      case 'left':
      case 'returned':
        this.#stand(id, e.type === 'left' ? 'left' : 'here');
        return this.#line(e, e.type, id);
    }
  }

  #join(p: Participant): void {
    this.participants.set(p.id, p);
  }

  #stand(id: string, standing: Participant['standing']): void {
    const p = this.participants.get(id);
    if (p) this.#join({ ...p, standing });
  }

  #said(e: SessionEvent, kind: Message['kind'], text: string): Message {
    const withdrawn = 'withdrawn' in e.data && !!e.data.withdrawn;
    const message: Message = {
      kind, seq: e.seq, at: e.at, by: e.by ?? '', id: e.id ?? '', text: text ?? '', written: e.at, edits: [], withdrawn, reactions: new Map(),
    };
    this.#messages.set(e.seq, message);
    this.items.push(message);
    return message;
  }

  #change(e: Extract<SessionEvent, { data: { message: number } }>): void {
    const message = this.#messages.get(e.data.message);
    if (!message) return;
    if (e.type === 'reacted') {
      if (e.data.emoji) message.reactions.set(e.by!, e.data.emoji);
      else message.reactions.delete(e.by!);
    } else if (e.type === 'withdrawn' || e.data.withdrawn) {
      message.withdrawn = true;
      message.text = '';
      message.edits = [];
    } else {
      message.edits.push({ text: message.text, at: message.written });
      message.text = e.data.text;
      message.written = e.at;
    }
  }

  #line(e: SessionEvent, key: string, who?: string, params?: Line['params']): void {
    this.items.push(lineOf(e, key, who, params));
  }
}

export function lineOf(e: SessionEvent, key: string, who = e.by ?? '', params: Line['params'] = {}): Line {
  return { kind: 'line', seq: e.seq, at: e.at, by: e.by ?? '', key: `line.${key}`, who, params };
}
