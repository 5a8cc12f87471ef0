// The screen of one session, open or ended.

import { useEffect, useRef, useState } from 'preact/hooks';
import { AgentConversation } from '../../lib/agentconversation';
import { Client } from '../../lib/client';
import type { Overview } from '../../lib/protocol';
import { useActions } from '../actions';
import { get, reason } from '../api';
import { title } from '../attention';
import { listStatus } from '../live';
import { t } from '../say';
import { Icon } from '../ui/icon';
import { PresenceOf, StateOf } from '../ui/parts';
import { copyLink, openMail } from './actions';
import { DropTarget } from './attach';
import { Composer } from './composer';
import { Dialogs } from './dialogs';
import { Facts, presenceOf } from './facts';
import { Invite } from './invite';
import { KeyCard } from './keycard';
import { Log } from './log';
import { Room, RoomProvider, useRoom } from './room';
import { Summary, Transcripts } from './summary';
import { SupportTab } from './tab';
import { ControlCard } from '../control/card';
import { ViewCard } from '../view/request';
import { Stage } from '../view/stage';

/** Looks whether there is such a session, and opens it. */
export function SessionScreen({ id }: { id: string }) {
  const [room, setRoom] = useState<Room>();
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    let opened: Room | undefined;
    let left = false;
    get<{ session: Overview }>(`/api/sessions/${id}`).then(
      () => !left && setRoom((opened = new Room(id, new Client({ session: id }, new AgentConversation())))),
      (e: { code?: string }) => setTrouble(e.code === 'not-found' ? t('session.none') : reason(e)),
    );
    return () => {
      left = true;
      opened?.close();
    };
  }, [id]);
  if (trouble) return <Nothing text={trouble} />;
  return room ? <RoomScreen room={room} /> : <main class="loading" aria-busy="true" />;
}

export function Nothing({ text }: { text: string }) {
  useEffect(() => void (title.value = text), [text]);
  return (
    <main class="nothing">
      <h1>{text}</h1>
      <p><a class="button main" href="/support">{t('session.back')}</a></p>
    </main>
  );
}

export function RoomScreen({ room }: { room: Room }) {
  return <RoomProvider value={room}><Layout /></RoomProvider>;
}

function Layout() {
  const room = useRoom();
  const phase = room.ended ? 'ended' : room.active ? 'active' : 'waiting';
  useEffect(() => void (title.value = room.name || t('app.name')), [room.name]);
  const viewing = phase === 'active' && room.looking.allowed;
  useFocusAtEnd(phase);
  useAwayness(room);
  useSessionActions(room);
  return (
    <main class={`session ${phase}${viewing ? ' viewing' : ''}`}>
      <SessionBar />
      <Connection />
      <div id="tools" class={room.tools.value || room.knocking.length ? 'tools' : 'tools closed'} role="region" aria-label={t('session.tools')} tabIndex={0}>
        {phase === 'waiting' && <><KeyCard /><Invite /></>}
        {phase !== 'waiting' && <Facts />}
        {phase === 'active' && !(room.controlling.mine && !viewing) && <ViewCard />}
        {phase === 'active' && !viewing && <ControlCard />}
        {phase !== 'ended' && <SupportTab />}
        {phase === 'ended' && <Summary />}
        {phase !== 'waiting' && <Transcripts />}
      </div>
      {viewing && <Stage />}
      <section class="talk" aria-label={t('conversation')}>
        <Log />
        <Typing />
        {phase !== 'ended' && <Composer />}
      </section>
      <DropTarget />
      <Dialogs />
    </main>
  );
}

function SessionBar() {
  const room = useRoom();
  const [guest] = room.guests;
  return (
    <div class="session-bar">
      <h1 class="vh">{room.name}</h1>
      <Name />
      <p class="session-state">
        {room.active && guest ? <PresenceOf presence={presenceOf(room, guest.id)} since={room.talk.presence.get(guest.id)?.since} /> : <StateOf state={room.conversation.state} />}
      </p>
      <button type="button" class="quiet round tools-toggle" aria-label={t('session.tools')} title={t('session.tools')} aria-expanded={room.tools.value} aria-controls="tools" onClick={() => (room.tools.value = !room.tools.value)}><Icon name="tools" /></button>
      {!room.ended && <button type="button" class="end" onClick={() => (room.dialog.value = 'end')}><Icon name="door" />{t('end')}</button>}
    </div>
  );
}

/** The session's name for agents, written where it stands. */
function Name() {
  const room = useRoom();
  const { title: name } = room.conversation;
  const save = (input: HTMLInputElement) => {
    const typed = input.value.trim();
    if (typed !== name) void room.ask('title', { title: typed }).then((ok) => ok || (input.value = name));
  };
  return (
    <input class="name" aria-label={t('session.name')} title={t('session.name')} placeholder={room.name} maxLength={120} dir="auto" autocomplete="off" value={name}
      onBlur={(e) => save(e.currentTarget)} onKeyDown={(e) => e.key === 'Enter' && !e.isComposing && e.currentTarget.blur()} />
  );
}

const GRACE = 1000; // milliseconds that the first connection may take unmentioned

/** Says that there is no connection, while there is none. */
function Connection() {
  const room = useRoom();
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), GRACE);
    return () => clearTimeout(timer);
  }, []);
  const { status } = room.talk;
  const lost = status === 'offline' || (status === 'connecting' && !patient);
  const key = listStatus.value === 'signed-out' ? '' : lost ? 'net.offline' : status === 'signed-out' ? 'net.signed-out' : status === 'removed' ? 'net.removed' : '';
  return (
    <div role="status" class="net-frame">
      {key && <p class="net"><Icon name="warn" /><span>{t(key)} {status === 'signed-out' && <a href={`/sign-in?next=${encodeURIComponent(location.pathname)}`}>{t('sign-in')}</a>}</span></p>}
    </div>
  );
}

function Typing() {
  const room = useRoom();
  const names = [...room.talk.typing.keys()].filter((id) => id !== room.talk.you).map((id) => room.nameOf(id));
  return <p class="typing">{names.length > 0 && !room.ended && t('typing', { name: names.join(', ') })}</p>;
}

/** Moves the focus to the summary when the session ends under the agent's eyes. */
function useFocusAtEnd(phase: string): void {
  const before = useRef(phase);
  useEffect(() => {
    if (phase === 'ended' && before.current === 'active') document.getElementById('summary-heading')?.focus();
    before.current = phase;
  }, [phase]);
}

/** Lets the other side know whether this page is in view. */
function useAwayness(room: Room): void {
  useEffect(() => {
    const tell = () => room.talk.away(document.hidden);
    document.addEventListener('visibilitychange', tell);
    if (document.hidden) tell();
    return () => document.removeEventListener('visibilitychange', tell);
  }, [room]);
}

function useSessionActions(room: Room): void {
  useActions(() => [
    ...(void room.changed.value, room.ended ? [] : [
      { id: 'message', label: t('action.message'), keys: 'M', key: 'm', run: () => document.getElementById('message')?.focus() },
      { id: 'note', label: t('composer.note'), run: () => (room.writing.value = { as: 'note' }) },
    ]),
    ...(room.active ? [{ id: 'attach', label: t('file.attach'), run: () => document.getElementById('attach')?.click() }] : []),
    ...(room.active && !room.looking.asked && !room.looking.allowed ? [{ id: 'view', label: t('view.request'), run: () => void room.ask('ask-view') }] : []),
    ...(room.looking.allowed ? [{ id: 'stop-view', label: t('view.stop'), run: () => void room.ask('stop-view') }] : []),
    ...(room.active ? [{ id: 'link', label: t('composer.link'), run: () => (room.dialog.value = 'link') }] : []),
    ...(room.conversation.state === 'waiting' ? [
      { id: 'copy', label: t('invite.copy'), run: () => void copyLink(room) },
      { id: 'sms', label: t('invite.sms'), run: () => (room.dialog.value = 'sms') },
      { id: 'email', label: t('invite.email'), run: () => openMail(room) },
    ] : []),
    ...(room.waiting ? [
      { id: 'extend', label: t('action.extend'), run: () => void room.ask('extend') },
      { id: 'renew', label: t('action.renew'), run: () => void room.ask('renew') },
      { id: 'revoke', label: t('action.revoke'), run: () => void room.ask('revoke') },
    ] : []),
    ...(room.ended ? [] : [{ id: 'end', label: t('end'), run: () => (room.dialog.value = 'end') }]),
  ]);
}
