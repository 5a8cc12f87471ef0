// What is known of a session that has started.

import type { ComponentChildren } from 'preact';
import { duration } from '../format';
import { ratings } from '../live';
import { t } from '../say';
import { now } from '../ticker';
import { PresenceOf, Time } from '../ui/parts';
import { Knocks } from './knocks';
import { useRoom } from './room';

export function Facts() {
  const room = useRoom();
  const c = room.conversation;
  const [guest] = room.guests;
  const rating = c.rating || ratings.value.get(room.id);
  const over = c.ended ? new Date(c.ended) : now.value;
  return (
    <section class="card facts-card" aria-labelledby="facts-heading">
      <h2 id="facts-heading">{t('facts.heading')}</h2>
      <dl class="facts">
        {room.guests.map((p) => !room.ended && <Fact key={p.id} name={t('facts.end-user')}><PresenceOf presence={presenceOf(room, p.id)} since={room.talk.presence.get(p.id)?.since} brief /></Fact>)}
        {guest?.via && <Fact name={t('facts.via')}>{t(`via.${guest.via}`)}</Fact>}
        {c.started && <Fact name={t('facts.started')}><Time at={c.started} short /></Fact>}
        {c.started && <Fact name={t('facts.lasted')}>{duration(over.getTime() - Date.parse(c.started))}</Fact>}
        {!c.started && c.created && <Fact name={t('facts.created')}><Time at={c.created} short /></Fact>}
        {c.ended && <Fact name={t('facts.ended')}><Time at={c.ended} short /></Fact>}
        {rating && <Fact name={t('facts.rating')}><span class={`rating ${rating}`}>{t(`rating.${rating}`)}</span></Fact>}
        {room.ended && !rating && c.started && <Fact name={t('facts.rating')}><span class="soft">{t('rating.none')}</span></Fact>}
      </dl>
      <Knocks />
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

export function presenceOf(room: ReturnType<typeof useRoom>, id: string) {
  return room.talk.presence.get(id)?.presence ?? 'gone';
}
