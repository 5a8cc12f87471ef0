// The tab "Support Session": what is to happen once the end-user is there.

import { t } from '../say';
import { useRoom } from './room';

export function SupportTab() {
  const room = useRoom();
  return (
    <section class="card tabs">
      <div role="tablist" aria-label={t('tabs')} class="tablist">
        <button type="button" role="tab" id="tab-support" aria-selected="true" aria-controls="panel-support">{t('tab.support')}</button>
      </div>
      <div role="tabpanel" id="panel-support" aria-labelledby="tab-support" class="stack tight">
        <label class="tick">
          <input type="checkbox" checked={room.conversation.controlWished} aria-describedby="control-hint" onChange={(e) => wish(room, e.currentTarget)} />
          <span>{t('control.wish')}</span>
        </label>
        <p id="control-hint" class="soft">{t('control.not-yet')}</p>
      </div>
    </section>
  );
}

/** Keeps the wish with the session; what the server refused is undone. */
async function wish(room: ReturnType<typeof useRoom>, box: HTMLInputElement): Promise<void> {
  if (!(await room.ask('wish-control', { on: box.checked }))) box.checked = room.conversation.controlWished;
}
