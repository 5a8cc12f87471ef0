// People at the door: the agent hears the check number from them, and decides.

import { t } from '../say';
import { Icon } from '../ui/icon';
import { Time } from '../ui/parts';
import { useRoom } from './room';

export function Knocks() {
  const room = useRoom();
  const { knocking } = room;
  if (!knocking.length) return null;
  return (
    <ul class="knocks" aria-label={t('knock.heading')}>
      {knocking.map((p) => (
        <li class="knock" key={p.id}>
          <p><Icon name="knock" /><strong>{t(`knock.${p.via ?? 'key'}`)}</strong> {p.since && <Time at={p.since} />}</p>
          <p class="knock-check" id={`check-${p.id}`}>{t('knock.check')} <strong class="digits" aria-label={[...(p.check ?? '')].join(' ')}>{p.check}</strong></p>
          <p class="soft">{t('knock.hint')}</p>
          <div class="row">
            <button type="button" class="main" aria-describedby={`check-${p.id}`} onClick={() => room.ask('admit', { participant: p.id })}>{t('knock.admit')}</button>
            <button type="button" aria-describedby={`check-${p.id}`} onClick={() => room.ask('refuse', { participant: p.id })}>{t('knock.refuse')}</button>
          </div>
        </li>
      ))}
    </ul>
  );
}
