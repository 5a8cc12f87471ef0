// Asking to see the screen, and what the end-user is looking at meanwhile.

import { useState } from 'preact/hooks';
import { t } from '../say';
import { Icon } from '../ui/icon';
import { type Room, useLooking } from '../session/room';
import { secondsLeft } from './patience';
import { whom } from './whom';

export function ViewCard() {
  const room = useLooking();
  const { looking } = room;
  return (
    <section class="card view-card" aria-labelledby="view-heading">
      <h2 id="view-heading">{t('view.heading')}</h2>
      {looking.asked ? <Steps /> : looking.allowed ? <Seeing /> : <Request />}
    </section>
  );
}

function Request() {
  const room = useLooking();
  const [sound, hear] = useState(false);
  const { state } = room.looking;
  const guest = whom(room, false);
  const can = guest && state.equipment[guest.id];
  const phone = state.equipment[whom(room, true)?.id ?? ''];
  const full = new Set([...state.watchers, ...state.asks.map((a) => a.agent)]).size >= 3;
  const why = !guest ? 'nobody' : full ? 'full' : can && !can.screen ? 'phone' : '';
  const ask = (camera: boolean) => void room.ask('ask-view', { on: sound && !camera, ...(camera ? { surface: 'camera' as const } : {}) });
  return (
    <div class="stack tight">
      <button type="button" disabled={!!why} aria-describedby="view-why" onClick={() => ask(false)}><Icon name="eye" />{t('view.request')}</button>
      {phone?.camera && !phone.screen && <button type="button" disabled={full} onClick={() => ask(true)}><Icon name="phone" />{t('view.request.camera')}</button>}
      <p id="view-why" class="soft">{why ? t(`view.why.${why}`) : t('view.hint')}</p>
      {!why && <label class="tick"><input type="checkbox" checked={sound} onChange={(e) => hear(e.currentTarget.checked)} /><span>{t('view.sound')}</span></label>}
    </div>
  );
}

/** Says step by step what the end-user sees. */
function Steps() {
  const room = useLooking();
  const asked = room.looking.asked!;
  const guest = room.nameOf(asked.of);
  const step = stepOf(room);
  return (
    <div class="stack tight">
      <p class="view-step" role="status"><Icon name={step === 'choosing' ? 'open' : 'eye'} /><span>{t(`view.step.${step}`, { guest, camera: String(asked.camera) })}</span></p>
      {!asked.choosing && <p class="soft">{t('view.left', { n: secondsLeft(asked.at) })}</p>}
      <button type="button" onClick={() => void room.ask('decline-view')}>{t('view.take-back')}</button>
    </div>
  );
}

type Step = 'gone' | 'away' | 'sent' | 'delivered' | 'seen' | 'again' | 'choosing';

export function stepOf(room: Room): Step {
  const asked = room.looking.asked!;
  const presence = room.talk.presence.get(asked.of)?.presence ?? 'gone';
  const marks = room.talk.marks.get(asked.of);
  if (presence === 'gone') return 'gone';
  if (asked.choosing) return 'choosing';
  if (asked.again) return 'again';
  if ((marks?.read ?? 0) >= asked.seq) return 'seen';
  if (presence === 'away') return 'away';
  return (marks?.delivered ?? 0) >= asked.seq ? 'delivered' : 'sent';
}

function Seeing() {
  const room = useLooking();
  const { state } = room.looking;
  const others = state.watchers.filter((w) => w !== room.talk.you).map((w) => room.nameOf(w));
  return (
    <div class="stack tight">
      <p>{t('view.seeing', { surface: state.surface || 'unknown', guest: room.nameOf(state.endUser) })}</p>
      {others.length > 0 && <p class="soft">{t('view.others', { names: others.join(', '), n: others.length })}</p>}
      {!state.sound && state.surface !== 'camera' && <button type="button" onClick={() => void room.ask('ask-view', { on: true })}><Icon name="sound" />{t('view.ask-sound')}</button>}
      <button type="button" class="danger" onClick={() => void room.ask('stop-view')}><Icon name="stop" />{t('view.stop')}</button>
    </div>
  );
}
