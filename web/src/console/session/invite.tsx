// The ways to invite the end-user.

import { useEffect, useRef } from 'preact/hooks';
import { t } from '../say';
import { Icon } from '../ui/icon';
import { copied, copyLink } from './actions';
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
        <Mail mailto={ready ? card.mailto : ''} />
      </div>
      {copied.value === 'refused' && card?.link && <Selected link={card.link} />}
      <p class="soft">{t('invite.mail.tip')}</p>
    </section>
  );
}

/** A link to a written message, and a button to everybody. */
function Mail({ mailto }: { mailto: string }) {
  const room = useRoom();
  if (!mailto) return <button type="button" disabled><Icon name="mail" />{t('invite.email')}</button>;
  return (
    <a role="button" class="button" href={mailto} onClick={() => void room.ask('invite', { via: 'email' })}
      onKeyDown={(e) => e.key === ' ' && (e.preventDefault(), e.currentTarget.click())}>
      <Icon name="mail" />{t('invite.email')}
    </a>
  );
}

/** Stands in for the clipboard where the browser refuses it: the link, selected. */
function Selected({ link }: { link: string }) {
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
