// The ways to invite the end-user.

import { useEffect, useRef } from 'preact/hooks';
import { t } from '../say';
import { Icon } from '../ui/icon';
import { copied, copyLink } from './actions';
import { Invitations } from './invitation';
import { MailLink } from './maillink';
import { useRoom } from './room';

export function Invite() {
  const room = useRoom();
  const card = room.card.value;
  const ready = room.conversation.state === 'waiting' && !!card?.link;
  return (
    <section class="card invite" aria-labelledby="invite-heading">
      <h2 id="invite-heading">{t('invite.heading')}</h2>
      <div class="row">
        <button type="button" class="main" disabled={!ready} onClick={() => copyLink(room)}>
          <Icon name={copied.value === 'done' ? 'check' : 'copy'} />{t(copied.value === 'done' ? 'invite.copied' : 'invite.copy')}
        </button>
        <button type="button" disabled={!ready} onClick={() => (room.dialog.value = 'sms')}><Icon name="phone" />{t('invite.sms')}</button>
        <Email ready={ready} />
      </div>
      {copied.value === 'refused' && card?.link && !room.dialog.value && <Selected link={card.link} />}
      {!card?.sends.email && <p class="soft">{t('invite.mail.tip')}</p>}
      <Invitations />
    </section>
  );
}

/** Opens the dialog where the server sends mail, the agent's mail program where it doesn't. */
function Email({ ready }: { ready: boolean }) {
  const room = useRoom();
  const card = room.card.value;
  const face = <><Icon name="mail" />{t('invite.email')}</>;
  if (!card?.sends.email) return <MailLink mailto={ready ? (card?.mailto ?? '') : ''}>{face}</MailLink>;
  return <button type="button" disabled={!ready} onClick={() => (room.dialog.value = 'email')}>{face}</button>;
}

/** Stands in for the clipboard where the browser refuses it: the link, selected. */
export function Selected({ link }: { link: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current!.focus();
    field.current!.select();
  }, []);
  return (
    <p class="field" role="status">
      <label for="link-field">{t('invite.refused')}</label>
      <input id="link-field" ref={field} readOnly value={link} onFocus={(e) => e.currentTarget.select()} />
    </p>
  );
}
