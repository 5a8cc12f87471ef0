// The Support Key: to be read out, scanned, given more time or taken back.

import { now } from '../ticker';
import { countdown, groupKey, spellKey } from '../format';
import { t } from '../say';
import { Icon } from '../ui/icon';
import { Time } from '../ui/parts';
import { Knocks } from './knocks';
import { useRoom } from './room';

const SOON = 5 * 60_000; // milliseconds before the end from which on it is worth a look

export function KeyCard() {
  const room = useRoom();
  const card = room.card.value;
  const { state } = room.conversation;
  return (
    <section class={`card key-card ${state}`} aria-labelledby="key-heading">
      <div class="key-side">
        <h2 id="key-heading">{t('key.heading')}</h2>
        {card?.key
          ? <p class="key-digits"><span aria-hidden="true">{groupKey(card.key)}</span><span class="vh">{spellKey(card.key)}</span></p>
          : <p class="key-digits none" aria-hidden="true">–––-–––-–––</p>}
        <Left />
        <div class="row">
          {state !== 'revoked' && <button type="button" onClick={() => room.ask('extend')}>{t('key.extend')}</button>}
          <button type="button" onClick={() => room.ask('renew')}>{t('key.renew')}</button>
          {state !== 'revoked' && <button type="button" class="danger" onClick={() => room.ask('revoke')}>{t('key.revoke')}</button>}
        </div>
      </div>
      {card?.qr.link ? <img class="qr" src={card.qr.link} alt={t('key.qr')} width="152" height="152" /> : <div class="qr none" aria-hidden="true" />}
      <p class="key-facts">
        <span><Icon name="eye" />{t('key.visits', { n: Math.max(room.talk.visits, card?.visits ?? 0) })}</span>
        <span><Icon name="warn" />{t('key.wrong', { n: Math.max(room.talk.wrongKeys, card?.wrongKeys ?? 0) })}</span>
      </p>
      <Doubt />
      <Knocks />
    </section>
  );
}

/** Warns that somebody with the link does not know the agent. */
function Doubt() {
  const { doubted } = useRoom().conversation;
  return <div class="doubt-frame" role="status">{doubted && <p class="doubt"><Icon name="warn" /><span><strong>{t('doubt')}</strong> <Time at={doubted} /><br />{t('doubt.next')}</span></p>}</div>;
}

/** The time left, or what became of the key. */
function Left() {
  const room = useRoom();
  const { state, expires } = room.conversation;
  const until = new Date(expires);
  const left = until.getTime() - now.value.getTime();
  if (state === 'revoked') return <p class="left over" role="status">{t('key.revoked')}</p>;
  if (state === 'expired' || left <= 0) return <p class="left over" role="status">{t('key.expired')}</p>;
  return (
    <p class={left < SOON ? 'left soon' : 'left'} role="timer" aria-live="off">
      <Icon name="clock" /><span>{t('key.left', { time: countdown(until, now.value) })}</span>
    </p>
  );
}
