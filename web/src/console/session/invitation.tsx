// An invitation that the server sends: how far it has come, and what to do
// where it went wrong.

import { useEffect, useRef, useState } from 'preact/hooks';
import { type Invitation, reason } from '../api';
import { t } from '../say';
import { complain } from '../ui/notice';
import { Icon, type IconName } from '../ui/icon';
import { Time } from '../ui/parts';
import { copied, copyLink, openMail } from './actions';
import { type Room, useRoom } from './room';
import { explain, failed, repeatable, send, stateOf } from './sending';

const icons: Record<Invitation['state'], IconName> = { queued: 'clock', sending: 'send', sent: 'check', delivered: 'check', refused: 'stop', uncertain: 'warn' };

export function State({ invitation: i }: { invitation: Invitation }) {
  return <span class={`way-state ${i.state}`}><Icon name={icons[i.state]} />{stateOf(i)}</span>;
}

/** Everything that the server was told to send, the newest first. */
export function Invitations() {
  const room = useRoom();
  const list = room.card.value?.invitations ?? [];
  if (!list.length) return null;
  return (
    <ul class="ways" aria-label={t('invitations')} tabIndex={0}>
      {list.map((i) => <Way key={i.id} invitation={i} />)}
    </ul>
  );
}

function Way({ invitation: i }: { invitation: Invitation }) {
  const why = explain(i);
  const address = `to-${i.id}`;
  return (
    <li class="way">
      <p class="way-line">
        <Icon name={i.via === 'sms' ? 'phone' : 'mail'} />
        <span class="way-to" id={address} dir="ltr" title={i.typed}><span class="vh">{t(`invitation.by.${i.via}`)} </span>{i.typed || i.hidden}</span>
        <State invitation={i} />
        <Time at={i.at} />
        {!failed(i) && <SendAgain invitation={i} describedBy={address} brief />}
      </p>
      {why && <p class="soft">{why}</p>}
      {failed(i) && <div class="way-acts"><SendAgain invitation={i} describedBy={address} /><OtherWay invitation={i} /></div>}
    </li>
  );
}

/** Sends one like it; what was refused is shown where no box of its own is open. */
function SendAgain({ invitation: i, describedBy, brief }: { invitation: Invitation; describedBy: string; brief?: boolean }) {
  const room = useRoom();
  const [busy, setBusy] = useState(false);
  if (!repeatable(i) || room.conversation.state !== 'waiting') return null;
  const again = async () => {
    if (busy) return;
    setBusy(true);
    await send(room.id, { again: i.id }).catch(complain);
    setBusy(false);
  };
  const label = t('invitation.send-again');
  if (brief) return <button type="button" class="quiet round" aria-label={label} title={label} aria-describedby={describedBy} aria-disabled={busy} onClick={again}><Icon name="renew" /></button>;
  return <button type="button" class="inline" aria-describedby={describedBy} aria-disabled={busy} onClick={again}>{label}</button>;
}

/** Leads to the other of the two ways. */
function OtherWay({ invitation: i }: { invitation: Invitation }) {
  const room = useRoom();
  if (room.conversation.state !== 'waiting') return null;
  return i.via === 'sms'
    ? <button type="button" class="inline" onClick={() => openMail(room)}>{t('invitation.other.email')}</button>
    : <button type="button" class="inline" onClick={() => (room.dialog.value = 'sms')}>{t('invitation.other.sms')}</button>;
}

/** What stands in the dialog once the server has the invitation: where it goes, and how far it is. */
export function Confirmation({ id, typed, via, onAgain, onClose }: { id: string; typed: string; via: Invitation['via']; onAgain(id: string): void; onClose(): void }) {
  const room = useRoom();
  const done = useRef<HTMLButtonElement>(null);
  useEffect(() => done.current!.focus(), []); // the field that had the focus is gone
  const i = room.invitation(id) ?? started(id, via, typed);
  return (
    <div class="stack">
      <p>{t(`sent.to.${via}`)} <strong class={via === 'sms' ? 'digits' : ''} dir="ltr">{typed}</strong></p>
      <div class={`outcome-box ${i.state}`} role="status">
        <p><State invitation={i} /></p>
        <p>{explain(i) || t(`invitation.next.${i.state}`)}</p>
      </div>
      {failed(i) && <WaysOn invitation={i} onAgain={onAgain} />}
      <div class="row end"><button type="button" class="main" ref={done} onClick={onClose}>{t('done')}</button></div>
    </div>
  );
}

/** Stands in until the key card tells more. */
function started(id: string, via: Invitation['via'], typed: string): Invitation {
  const now = new Date().toISOString();
  return { id, via, to: typed, typed, state: 'queued', tries: 0, queued: now, at: now };
}

/** What an agent can do about one that failed. */
function WaysOn({ invitation: i, onAgain }: { invitation: Invitation; onAgain(id: string): void }) {
  const room = useRoom();
  const [trouble, setTrouble] = useState('');
  const again = () => send(room.id, { again: i.id }).then(onAgain, (e) => setTrouble(reason(e)));
  return (
    <>
      <div class="row">
        {repeatable(i) && <button type="button" onClick={again}><Icon name="renew" />{t('invitation.send-again')}</button>}
        <button type="button" onClick={() => copyLink(room)}><Icon name={copied.value === 'done' ? 'check' : 'copy'} />{t(copied.value === 'done' ? 'invite.copied' : 'invitation.copy')}</button>
        <button type="button" onClick={() => turn(room, i)}><Icon name={i.via === 'sms' ? 'mail' : 'phone'} />{t(i.via === 'sms' ? 'invitation.other.email' : 'invitation.other.sms')}</button>
      </div>
      <Trouble text={trouble} />
    </>
  );
}

function turn(room: Room, i: Invitation): void {
  if (i.via === 'email') room.dialog.value = 'sms';
  else openMail(room);
}

/** Why the server refused, in words. */
export function Trouble({ text }: { text: string }) {
  return <div role="alert">{text && <p class="check refused"><Icon name="warn" />{text}</p>}</div>;
}
