// Asking for control, and what the end-user is looking at meanwhile.

import { t } from '../say';
import { Icon } from '../ui/icon';
import { type Room, useLooking } from '../session/room';
import { secondsLeft } from '../view/patience';
import { whom } from '../view/whom';
import { Scene } from './scene';

export function ControlCard() {
  const room = useLooking();
  const { controlling } = room;
  const { phase } = controlling.state;
  return (
    <section class="card view-card" aria-labelledby="control-heading">
      <h2 id="control-heading">{t('control.heading')}</h2>
      {!phase ? <Request /> : !controlling.mine ? <Others /> : phase === 'on' ? <On /> : <ControlSteps />}
    </section>
  );
}

function Request() {
  const room = useLooking();
  const guest = whom(room, false);
  const can = guest && room.looking.state.equipment[guest.id];
  const why = !guest ? 'nobody' : can && !can.screen ? 'phone' : '';
  return (
    <div class="stack tight">
      <button type="button" disabled={!!why} aria-describedby="control-why" onClick={() => void room.ask('ask-control')}><Icon name="pointer" />{t('control.request')}</button>
      <p id="control-why" class="soft">{why ? t(`control.why.${why}`) : t('control.hint')}</p>
    </div>
  );
}

function Others() {
  const room = useLooking();
  return <p class="soft">{t('control.others', { agent: room.nameOf(room.controlling.state.agent), on: String(room.controlling.state.phase === 'on') })}</p>;
}

export type Step = 'gone' | 'away' | 'sent' | 'delivered' | 'seen' | 'screen' | 'part' | 'download' | 'start' | 'allow';

/** What the end-user is at. */
export function stepOf(room: Room): Step {
  const { state } = room.controlling;
  const presence = room.talk.presence.get(state.of)?.presence ?? 'gone';
  if (presence === 'gone') return 'gone';
  if (state.phase === 'preparing') {
    if (!state.whole) return room.looking.allowed ? 'part' : 'screen';
    return state.paired ? 'allow' : state.offered ? 'start' : 'download';
  }
  const marks = room.talk.marks.get(state.of);
  if ((marks?.read ?? 0) >= state.seq) return 'seen';
  if (presence === 'away') return 'away';
  return (marks?.delivered ?? 0) >= state.seq ? 'delivered' : 'sent';
}

/** Says, and shows, step by step what the end-user sees. */
export function ControlSteps() {
  const room = useLooking();
  const { state } = room.controlling;
  const guest = room.nameOf(state.of);
  const { system = '', browser = '' } = room.looking.state.equipment[state.of] ?? {};
  const step = stepOf(room);
  return (
    <div class="stack tight">
      <p class="view-step" role="status"><Icon name={step === 'allow' ? 'check' : 'eye'} /><span>{t(`control.step.${step}`, { guest })}</span></p>
      {step === 'start' && <p class="soft">{t('control.step.start.how', { system, browser })}</p>}
      <Scene step={step} system={system} browser={browser} agent={room.nameOf(room.talk.you)} />
      {state.phase === 'asked' && <p class="soft">{t('view.left', { n: secondsLeft(state.at) })}</p>}
      <button type="button" onClick={() => void room.ask('decline-control')}>{t('view.take-back')}</button>
    </div>
  );
}

function On() {
  const room = useLooking();
  const { state } = room.controlling;
  return (
    <div class="stack tight">
      <p>{t('control.on', { guest: room.nameOf(state.of), clipboard: String(state.clipboard) })}</p>
      <button type="button" class="danger" onClick={() => void room.ask('stop-control')}><Icon name="stop" />{t('control.stop')}</button>
    </div>
  );
}
