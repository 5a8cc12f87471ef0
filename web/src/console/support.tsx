// The Support page: starting a session, and the open ones, live.

import type { Overview } from '../lib/protocol';
import { countdown } from './format';
import { listStatus, sessions } from './live';
import { me } from './rings';
import { t } from './say';
import { now } from './ticker';
import { Icon, type IconName } from './ui/icon';
import { nameOf, PresenceOf, StateOf, Time } from './ui/parts';
import { doubted, keyless } from './waiting';

export function SupportScreen() {
  return (
    <main class="page support">
      <h1 class="vh">{t('nav.support')}</h1>
      <section class="card start" aria-labelledby="start-heading">
        <div class="stack tight">
          <h2 id="start-heading">{t('support.heading')}</h2>
          <p class="soft">{t('support.text')}</p>
        </div>
        <form method="post" action="/support" target="_blank"><button class="main big"><Icon name="chat" />{t('support.start')}</button></form>
      </section>
      <section aria-labelledby="open-heading">
        <h2 id="open-heading" class="list-heading">{t('support.open')}</h2>
        <div role="status">{listStatus.value === 'offline' && <p class="net"><Icon name="warn" />{t('net.offline')}</p>}</div>
        <OpenSessions list={sessions.value} />
      </section>
    </main>
  );
}

export function OpenSessions({ list }: { list: readonly Overview[] | undefined }) {
  if (!list) return <p class="soft" aria-busy="true">{t('loading')}</p>;
  if (!list.length) return <div class="empty"><Icon name="chat" /><p><strong>{t('support.none')}</strong></p><p>{t('support.none.next')}</p></div>;
  return (
    <ul class="rows">
      {list.map((s) => <li key={s.id}><SessionRow session={s} /></li>)}
    </ul>
  );
}

function SessionRow({ session: s }: { session: Overview }) {
  return (
    <a class="session-row" href={`/support/${s.id}`}>
      <span class="row-main">
        <strong class="row-name" dir="auto">{nameOf(s)}</strong>
        <span class="row-text">{s.title && s.lastText ? <span dir="auto">{s.lastText}</span> : t('session.by', { agent: s.agentName })}</span>
      </span>
      <span class="row-badges"><Badges session={s} /></span>
      <span class="row-state">{s.state === 'active' ? <PresenceOf presence={s.endUser || 'gone'} /> : <StateOf state={s.state} />}<Left session={s} /></span>
      <span class="row-time"><Time at={s.lastAt || s.created} short /></span>
    </a>
  );
}

/** The time that the key of a waiting session has left. */
function Left({ session: s }: { session: Overview }) {
  if (s.state !== 'waiting') return null;
  return <span class="soft digits"><Icon name="clock" />{countdown(new Date(s.expires), now.value)}</span>;
}

/** What waits for the agent. */
function Badges({ session: s }: { session: Overview }) {
  const silent = s.state === 'active' && !s.unanswered && !s.lastText;
  return (
    <>
      {s.knocking > 0 && <Badge icon="knock" text={t('badge.knocking', { n: s.knocking })} look="loud" />}
      {s.unanswered > 0 && <Badge icon="chat" text={t('badge.unanswered', { n: s.unanswered })} look="loud" />}
      {s.asked && keyless(s) && <Badge icon="bell" text={t('badge.asked')} look="loud" />}
      {doubted(s) && <Badge icon="warn" look="warn" text={s.agent === me.value ? t('badge.doubted.you') : t('badge.doubted', { agent: s.agentName })} />}
      {s.reported && <Badge icon="warn" look="warn" text={t('badge.reported')} />}
      {s.controlled ? <Badge icon="pointer" look="calm" text={t('badge.controlled')} /> : s.viewing && <Badge icon="eye" look="calm" text={t('badge.viewing')} />}
      {silent && <Badge icon="person" text={t('badge.arrived')} look="loud" />}
    </>
  );
}

function Badge({ icon, text, look }: { icon: IconName; text: string; look: 'loud' | 'warn' | 'calm' }) {
  return <span class={`badge ${look}`}><Icon name={icon} />{text}</span>;
}
