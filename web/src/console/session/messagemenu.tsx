// What can be done with one message.

import { t } from '../say';
import { complain } from '../ui/notice';
import { Icon, type IconName } from '../ui/icon';
import { Popover } from '../ui/popover';
import { quick } from './emoji';
import { useRoom } from './room';
import { changeable, type Said } from './rows';

export function MessageMenu({ said }: { said: Said }) {
  return (
    <div class="msg-menu">
      <Popover face={<Icon name="more" />} label={t('menu.message')} class="quiet round" panelClass="menu" tabIndex={-1}>
        {(close) => <Entries said={said} close={close} />}
      </Popover>
    </div>
  );
}

function Entries({ said, close }: { said: Said; close(): void }) {
  const room = useRoom();
  const entry = (icon: IconName, label: string, run: () => void) => (
    <button type="button" class="entry" onClick={() => { close(); run(); }}><Icon name={icon} />{label}</button>
  );
  const mine = said.reactions.find((r) => r.mine)?.emoji;
  const react = (emoji: string) => room.ask('react', { message: said.seq, emoji: emoji === mine ? '' : emoji });
  return (
    <>
      {room.active && said.kind !== 'note' && (
        <div class="quick" role="group" aria-label={t('menu.react')}>
          {quick.map((emoji) => (
            <button type="button" key={emoji} aria-pressed={emoji === mine} onClick={() => { close(); void react(emoji); }}>{emoji}</button>
          ))}
        </div>
      )}
      {entry('copy', t('menu.copy'), () => void navigator.clipboard?.writeText(said.text).catch(complain))}
      {room.active && changeable(said) && said.kind === 'message' && entry('edit', t('menu.edit'), () => (room.writing.value = { as: 'edit', seq: said.seq }))}
      {room.active && changeable(said) && entry('undo', t('menu.withdraw'), () => void room.ask('withdraw', { message: said.seq }))}
    </>
  );
}
