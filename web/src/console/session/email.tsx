// The dialog "Send Email", for servers that send mail themselves. The agent's
// own mail program stays a way.

import { useState } from 'preact/hooks';
import type { Letter } from '../api';
import { lang, t } from '../say';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Confirmation, Trouble } from './invitation';
import { Preview, useChecked, useSending, Verdict, Wording } from './letter';
import { MailLink } from './maillink';
import { useRoom } from './room';

export function EmailDialog({ onClose }: { onClose(): void }) {
  const [sent, setSent] = useState<{ id: string; typed: string }>();
  return (
    <Dialog title={t('email.heading')} onClose={onClose} class="email">
      {sent
        ? <Confirmation via="email" id={sent.id} typed={sent.typed} onAgain={(id) => setSent({ ...sent, id })} onClose={onClose} />
        : <AddressForm onSent={(id, typed) => setSent({ id, typed })} />}
    </Dialog>
  );
}

function AddressForm({ onSent }: { onSent(id: string, typed: string): void }) {
  const room = useRoom();
  const [address, setAddress] = useState('');
  const [language, setLanguage] = useState(lang);
  const [word, setWord] = useState('');
  const letter: Letter = { via: 'email', to: address, country: '', language, word };
  const checked = useChecked(room.id, letter, t('email.impossible'));
  const [sending, trouble, submit] = useSending(room, letter, (id) => onSent(id, address));
  const mailto = checked.is === 'good' ? checked.letter.href : (room.card.value?.mailto ?? '');
  return (
    <form class="stack snug" noValidate onSubmit={(e) => { e.preventDefault(); if (checked.is === 'good') submit(); }}>
      <p class="field">
        <label for="email-address">{t('email.address')}</label>
        <input id="email-address" type="text" inputMode="email" autocomplete="off" spellcheck={false} dir="ltr" autofocus value={address} aria-describedby="email-check" aria-invalid={checked.is === 'refused'}
          onInput={(e) => setAddress(e.currentTarget.value)} />
      </p>
      <Verdict id="email-check" checked={checked} empty={t('email.empty')} good={(l) => t(l.valid ? 'email.valid' : 'email.unverified', { address: l.address })} />
      <Wording language={language} setLanguage={setLanguage} word={word} setWord={setWord} />
      <Preview checked={checked} language={language} />
      <Trouble text={trouble} />
      <div class="row end">
        <MailLink mailto={mailto} describedBy="email-tip">{t('email.program')}</MailLink>
        <button class="main" disabled={checked.is !== 'good' || sending}><Icon name="mail" />{t('email.send')}</button>
      </div>
      <p id="email-tip" class="soft small-text">{t('invite.mail.tip')}</p>
    </form>
  );
}
