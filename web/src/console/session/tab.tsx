// The tab "Support Session": what is to happen once the end-user is there.

import { useEffect, useState } from 'preact/hooks';
import { t } from '../say';
import { useRoom } from './room';

export function SupportTab() {
  const [wished, wish] = useWish();
  return (
    <section class="card tabs">
      <div role="tablist" aria-label={t('tabs')} class="tablist">
        <button type="button" role="tab" id="tab-support" aria-selected="true" aria-controls="panel-support">{t('tab.support')}</button>
      </div>
      <div role="tabpanel" id="panel-support" aria-labelledby="tab-support" class="stack tight">
        <label class="tick">
          <input type="checkbox" checked={wished} aria-describedby="control-hint" onChange={(e) => wish(e.currentTarget.checked)} />
          <span>{t('control.wish')}</span>
        </label>
        <p id="control-hint" class="soft">{t('control.wish.hint')}</p>
      </div>
    </section>
  );
}

/** The wish that is kept with the session; until the log has it, what the agent pressed. */
function useWish(): [boolean, (on: boolean) => void] {
  const room = useRoom();
  const { controlWished } = room.conversation;
  const [pressed, press] = useState<boolean>();
  useEffect(() => press(undefined), [controlWished]);
  const wish = async (on: boolean) => {
    press(on);
    if (!(await room.ask('wish-control', { on }))) press(undefined); // what was refused is undone
  };
  return [pressed ?? controlWished, (on) => void wish(on)];
}
