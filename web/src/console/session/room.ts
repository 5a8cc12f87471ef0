// One session as its screen sees it: the client of the protocol, made into
// signals, and what beside the conversation belongs to the screen.

import { signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { AgentConversation } from '../../lib/agentconversation';
import type { Client } from '../../lib/client';
import type { Ack, Request } from '../../lib/protocol';
import { get, type Invitation, type KeyCard } from '../api';
import { shortTime } from '../format';
import { t } from '../say';
import { complain } from '../ui/notice';
import { Files, loadSender } from './files';
import { Controlling } from '../control/controlling';
import { Looking } from '../view/looking';

/** What the screen needs of the client; the gallery gives its own. */
export type Talk = Pick<Client<AgentConversation>,
  'conversation' | 'status' | 'you' | 'presence' | 'typing' | 'marks' | 'visits' | 'wrongKeys' | 'pending' | 'progress' | 'subscribe' |
  'close' | 'signal' | 'onRTC' | 'post' | 'retry' | 'discard' | 'request' | 'setTyping' | 'read' | 'away' | 'reached'>;

/** What the field at the bottom writes. */
export type Writing = { as: 'message' } | { as: 'note' } | { as: 'edit'; seq: number };

const HIDDEN_PAGE = 100; // milliseconds between two looks while nothing is drawn

export class Room {
  /** Grows with every change, at most once per drawn frame. */
  readonly changed = signal(0);
  readonly card = signal<KeyCard | undefined>(undefined);
  readonly writing = signal<Writing>({ as: 'message' });
  /** Grows when the agent has said something. */
  readonly said = signal(0);
  /** Which dialog is open. */
  readonly dialog = signal<'' | 'sms' | 'email' | 'link' | 'end'>('');

  /** Whether the tools show beside a running conversation where there is no room for both. */
  readonly tools = signal(false);

  /** The end-user's screen. */
  readonly looking: Looking;
  readonly controlling: Controlling;

  private scheduled = false;
  private cardOf = '';
  private readonly unsubscribe: () => void;

  constructor(
    readonly id: string,
    readonly talk: Talk,
    private readonly loadCard = () => get<KeyCard>(`/api/sessions/${id}/key`),
    readonly files = new Files(id, () => loadSender(id, talk)),
    look = (t: Talk) => new Looking(id, t),
  ) {
    this.looking = look(talk);
    this.controlling = new Controlling(id, talk, () => this.looking.changed.value++);
    this.unsubscribe = talk.subscribe(() => this.soon());
    this.look();
  }

  close(): void {
    this.unsubscribe();
    this.files.close();
    this.controlling.close();
    this.looking.close();
    this.talk.close();
  }

  get conversation() {
    return this.talk.conversation;
  }

  /** Whether the key can still start the session, or could with more time. */
  get waiting(): boolean {
    return this.conversation.created !== '' && this.conversation.state !== 'active' && !this.ended;
  }

  get active(): boolean {
    return this.conversation.state === 'active';
  }

  get ended(): boolean {
    return this.conversation.state === 'ended';
  }

  get name(): string {
    const { title, created } = this.conversation;
    return title || (created ? t('session.of', { time: shortTime(new Date(created)) }) : '');
  }

  /** People at the door. */
  get knocking() {
    return [...this.conversation.participants.values()].filter((p) => p.standing === 'knocking');
  }

  /** The end-users who take part, the first one first. */
  get guests() {
    return [...this.conversation.participants.values()].filter((p) => p.role === 'end-user' && (p.standing === 'here' || p.standing === 'left'));
  }

  /** What a participant is called. */
  nameOf(id: string): string {
    const p = this.conversation.participants.get(id);
    return p?.name || t(p?.role === 'agent' ? 'who.agent' : 'who.end-user');
  }

  /** What became of an invitation that the server sends. */
  invitation(id: string): Invitation | undefined {
    return this.card.value?.invitations.find((i) => i.id === id);
  }

  /** Says something. */
  say(text: string): void {
    this.talk.post(text);
    this.said.value++;
  }

  /** Asks the server for something, and shows why where it refuses. */
  async ask(type: string, fields: Partial<Request> = {}): Promise<Ack | undefined> {
    try {
      return await this.talk.request(type, fields);
    } catch (problem) {
      complain(problem);
      return undefined;
    }
  }

  /** Takes the picture, and control, back from another tab of this agent's. */
  takeHere(): void {
    this.looking.picture.take();
    this.controlling.steering.take();
  }

  /** Draws the changes together with the next frame. */
  private soon(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const look = () => {
      this.scheduled = false;
      this.look();
    };
    if (document.hidden) setTimeout(look, HIDDEN_PAGE);
    else requestAnimationFrame(look);
  }

  private look(): void {
    this.changed.value++;
    this.files.look(this.conversation);
    this.looking.look();
    if (this.controlling.look()) this.looking.tool.value = this.controlling.allowed ? 'control' : 'hand';
    void this.refreshCard();
  }

  /** Gets the key card again when the key has changed, or an invitation. */
  private async refreshCard(): Promise<void> {
    const { created, state, expires, invitedAt } = this.conversation;
    const now = `${state} ${expires} ${invitedAt}`;
    if (!created || this.cardOf === now) return;
    this.cardOf = now;
    try {
      const card = await this.loadCard();
      if (this.cardOf === now) this.card.value = card; // otherwise a newer one comes
    } catch (problem) {
      if (this.cardOf === now) this.cardOf = '';
      complain(problem);
    }
  }
}

const RoomContext = createContext<Room>(undefined as unknown as Room);
export const RoomProvider = RoomContext.Provider;

/** The room of the screen, for lines that the conversation draws again when they change. */
export function useRoomOnly(): Room {
  return useContext(RoomContext);
}

/** The room of the screen; who calls it is drawn again when it changes, or what is seen of the end-user's screen. */
export function useLooking(): Room {
  const room = useRoom();
  void room.looking.changed.value;
  return room;
}

/** The room of the screen; who calls it is drawn again when it changes. */
export function useRoom(): Room {
  const room = useContext(RoomContext);
  void room.changed.value;
  return room;
}
