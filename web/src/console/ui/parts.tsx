// Small parts that many screens use.

import { t } from '../say';
import { clock, fullTime, shortTime } from '../format';
import type { Overview } from '../../lib/protocol';
import { Icon, type IconName } from './icon';

/** A time with the full date behind it. */
export function Time({ at, short = false }: { at: string | Date; short?: boolean }) {
  const date = new Date(at);
  return <time dateTime={date.toISOString()} title={fullTime(date)}>{short ? shortTime(date) : clock(date)}</time>;
}

export type Presence = Overview['endUser'];

const presenceIcons: Record<Exclude<Presence, ''>, IconName> = { here: 'check', away: 'away', gone: 'close' };

/** How reachable the end-user is: a sign and words. */
export function PresenceOf({ presence, since, brief }: { presence: Presence; since?: number; brief?: boolean }) {
  if (!presence) return <span class="presence none">{t('presence.none')}</span>;
  return <span class={`presence ${presence}`}><span class="dot"><Icon name={presenceIcons[presence]} /></span>{words(presence, since, brief)}</span>;
}

function words(presence: Presence, since: number | undefined, brief: boolean | undefined): string {
  if (presence !== 'gone' || !since) return brief ? t(`presence.brief.${presence}`) : t(`presence.${presence}`);
  const time = shortTime(new Date(since));
  return brief ? t('presence.brief.gone.since', { time }) : t('presence.gone.since', { time });
}

/** A session's name, or what stands in for it. */
export function nameOf(s: Pick<Overview, 'title' | 'lastText' | 'created'>): string {
  return s.title || s.lastText || t('session.of', { time: shortTime(new Date(s.created)) });
}

export function StateOf({ state }: { state: Overview['state'] }) {
  return <span class={`state ${state}`}>{t(`state.${state}`)}</span>;
}
