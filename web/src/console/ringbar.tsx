// Below the header of every screen: who asks for a new link, and what to do
// about it. It stays until that is done.

import { useState } from 'preact/hooks';
import type { Overview } from '../lib/protocol';
import { ask } from './api';
import { shortTime } from './format';
import { note, rings } from './rings';
import { go, route } from './router';
import { t } from './say';
import { announce, complain } from './ui/notice';
import { Icon } from './ui/icon';
import { Time } from './ui/parts';

export function RingBar() {
  if (!rings.value.length) return null;
  return (
    <section class="rings" aria-label={t('rings')}>
      <ul>{rings.value.map((s) => <li key={s.id}><Ring session={s} /></li>)}</ul>
    </section>
  );
}

function Ring({ session: s }: { session: Overview }) {
  const r = route.value;
  const here = (r.screen === 'session' || r.screen === 'past') && r.id === s.id;
  const name = s.title || t('session.of', { time: shortTime(new Date(s.created)) });
  return (
    <div class="ring">
      <Icon name="bell" />
      <p id={`ring-${s.id}`}>{s.title ? t('ring.to', { name }) : t('ring', { time: shortTime(new Date(s.created)) })} <Time at={s.asked!} short /></p>
      <Answer session={s} />
      {!here && <a class="button" href={address(s)} aria-describedby={`ring-${s.id}`}>{t('ring.open')}</a>}
      <button type="button" class="quiet round" aria-label={t('dismiss')} title={t('dismiss')} aria-describedby={`ring-${s.id}`} onClick={() => note([s], true)}><Icon name="close" /></button>
    </div>
  );
}

function address(s: Overview): string {
  return `/${s.state === 'ended' ? 'history' : 'support'}/${s.id}`;
}

/** What gives the person a link that works. */
function Answer({ session: s }: { session: Overview }) {
  const [busy, setBusy] = useState(false);
  const give = async (request: 'extend' | 'renew') => {
    if (busy) return;
    setBusy(true);
    const done = await ask(s.id, request).catch(complain);
    setBusy(false);
    if (!done) return;
    note([s], true);
    if (request === 'renew') go(address(s)); // the new link has to be sent
    else announce(t('ring.extended'));
  };
  if (s.state === 'expired') return <button type="button" aria-describedby={`ring-${s.id}`} aria-disabled={busy} onClick={() => give('extend')}>{t('key.extend')}</button>;
  if (s.state === 'revoked') return <button type="button" aria-describedby={`ring-${s.id}`} aria-disabled={busy} onClick={() => give('renew')}>{t('key.renew')}</button>;
  if (s.state !== 'ended') return null;
  return <form method="post" action="/support" target="_blank" onSubmit={() => setTimeout(() => note([s], true))}><button aria-describedby={`ring-${s.id}`}>{t('support.start')}</button></form>;
}
