// The session's dialogs: inviting, pushing a link, and ending.

import { useState } from 'preact/hooks';
import { linkTo } from '../linkify';
import { isolated } from '../../lib/filewords';
import { lang, t } from '../say';
import { Dialog } from '../ui/dialog';
import { EmailDialog } from './email';
import { useRoom } from './room';
import { SmsDialog } from './sms';

export function Dialogs() {
  const room = useRoom();
  const close = () => (room.dialog.value = '');
  switch (room.dialog.value) {
    case 'sms':
      return <SmsDialog onClose={close} />;
    case 'email':
      return <EmailDialog onClose={close} />;
    case 'link':
      return <LinkDialog onClose={close} />;
    case 'end':
      return <EndDialog onClose={close} />;
    default:
      return null;
  }
}

function LinkDialog({ onClose }: { onClose(): void }) {
  const room = useRoom();
  const [typed, setTyped] = useState('');
  const address = completed(typed);
  const good = /^https?:/.test(address) && !!linkTo(address);
  const send = async () => {
    if (good && (await room.ask('link', { url: address }))) onClose();
  };
  return (
    <Dialog title={t('push.heading')} onClose={onClose}>
      <form class="stack" onSubmit={(e) => { e.preventDefault(); void send(); }}>
        <p class="field">
          <label for="push-url">{t('push.address')}</label>
          <input id="push-url" type="text" inputMode="url" autocomplete="off" spellcheck={false} dir="ltr" autofocus value={typed} placeholder="https://" aria-describedby="push-hint" onInput={(e) => setTyped(e.currentTarget.value)} />
        </p>
        <p id="push-hint" class="soft" role="status">{typed.trim() && !good ? t('push.bad') : t('push.hint')}</p>
        <div class="row end"><button class="main" disabled={!good}>{t('push.send')}</button></div>
      </form>
    </Dialog>
  );
}

/** People leave the scheme out. */
function completed(typed: string): string {
  const text = typed.trim();
  return text && !/^[a-z][a-z0-9+.-]*:/i.test(text) ? `https://${text}` : text;
}

function EndDialog({ onClose }: { onClose(): void }) {
  const room = useRoom();
  const end = async () => {
    if (await room.ask('end')) onClose();
  };
  const moving = [...room.conversation.files.values()].filter((f) => f.state === 'offered').map((f) => isolated(f.name));
  return (
    <Dialog title={t('end.heading')} onClose={onClose}>
      <div class="stack">
        <p>{t(room.active ? 'end.active' : 'end.waiting')}</p>
        {moving.length > 0 && <p class="warn">{t('end.files', { n: moving.length, names: new Intl.ListFormat(lang).format(moving) })}</p>}
        {room.looking.state.endUser && <p class="warn">{t('end.view', { control: String(room.controlling.allowed) })}</p>}
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>{t('end.no')}</button>
          <button type="button" class="main bad" onClick={end}>{t('end')}</button>
        </div>
      </div>
    </Dialog>
  );
}
