// The dialog "Send SMS". The server sends the text where it has a gateway;
// otherwise, or where the agent prefers it, the agent's own phone does.

import { useEffect, useRef, useState } from 'preact/hooks';
import { type Countries, get, type Letter, type LetterCheck } from '../api';
import { read, write } from '../prefs';
import { lang, t } from '../say';
import { complain } from '../ui/notice';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Confirmation, Trouble } from './invitation';
import { Preview, useChecked, useSending, Verdict, Wording } from './letter';
import { useRoom } from './room';

const COUNTRY = 'deskside-country';

/** What the dialog shows: the form, what became of sending, or the message for the own phone. */
type Step = { is: 'form' } | { is: 'sent'; id: string; typed: string } | { is: 'phone'; letter: LetterCheck };

export function SmsDialog({ onClose }: { onClose(): void }) {
  const [step, setStep] = useState<Step>({ is: 'form' });
  return (
    <Dialog title={t('sms.heading')} onClose={onClose} class="sms">
      {step.is === 'form' && <NumberForm go={setStep} />}
      {step.is === 'sent' && <Confirmation via="sms" id={step.id} typed={step.typed} onAgain={(id) => setStep({ ...step, id })} onClose={onClose} />}
      {step.is === 'phone' && <OwnPhone letter={step.letter} onClose={onClose} />}
    </Dialog>
  );
}

function NumberForm({ go }: { go(s: Step): void }) {
  const room = useRoom();
  const [number, setNumber] = useState('');
  const [language, setLanguage] = useState(lang);
  const [word, setWord] = useState('');
  const [country, setCountry, countries] = useCountry();
  const letter: Letter = { via: 'sms', to: number, country, language, word };
  const checked = useChecked(room.id, letter, t('sms.impossible'));
  const [sending, trouble, submit] = useSending(room, letter, (id) => go({ is: 'sent', id, typed: number }));
  const gateway = room.card.value?.sends.sms;
  const phone = () => {
    if (checked.is !== 'good') return;
    void room.ask('invite', { via: 'sms' });
    go({ is: 'phone', letter: checked.letter });
  };
  return (
    <form class="stack snug" onSubmit={(e) => { e.preventDefault(); if (checked.is === 'good') (gateway ? submit : phone)(); }}>
      {!gateway && <p class="soft">{t('sms.own-phone')}</p>}
      <div class="phone">
        <p class="field">
          <label for="sms-country">{t('sms.country')}</label>
          <select id="sms-country" value={country} onChange={(e) => setCountry(e.currentTarget.value)}>
            {countries.map((c) => <option key={c.code} value={c.code}>{c.name} (+{c.calling})</option>)}
          </select>
        </p>
        <p class="field">
          <label for="sms-number">{t('sms.number')}</label>
          <input id="sms-number" type="tel" autocomplete="off" dir="ltr" autofocus value={number} aria-describedby="sms-check" aria-invalid={checked.is === 'refused'}
            onInput={(e) => setNumber(e.currentTarget.value)} />
        </p>
      </div>
      <Verdict id="sms-check" checked={checked} empty={t('sms.empty')} good={(l) => t(l.valid ? 'sms.valid' : 'sms.unverified', { number: l.address })} />
      <Wording language={language} setLanguage={setLanguage} word={word} setWord={setWord} />
      <Preview checked={checked} language={language} />
      <Trouble text={trouble} />
      <div class="row end">
        {gateway && <button type="button" disabled={checked.is !== 'good'} onClick={phone}>{t('sms.own')}</button>}
        <button class="main" disabled={checked.is !== 'good' || sending}><Icon name="phone" />{t('sms.send')}</button>
      </div>
    </form>
  );
}

function OwnPhone({ letter, onClose }: { letter: LetterCheck; onClose(): void }) {
  const done = useRef<HTMLButtonElement>(null);
  useEffect(() => done.current!.focus(), []); // the field that had the focus is gone
  return (
    <div class="stack">
      <p role="status">{t('sms.ready')} <strong class="digits" dir="ltr">{letter.typed}</strong></p>
      <div class="sms-ways">
        <img class="qr" src={letter.qr} alt={t('sms.qr')} width="200" height="200" />
        <div class="stack">
          <p>{t('sms.scan')}</p>
          <p>{t('sms.or')}</p>
          <p><a class="button" href={letter.href}><Icon name="phone" />{t('sms.open')}</a></p>
        </div>
      </div>
      <div class="row end"><button type="button" class="main" ref={done} onClick={onClose}>{t('done')}</button></div>
    </div>
  );
}

interface Country {
  code: string;
  calling: number;
  name: string;
}

/** The country that numbers without one belong to; the last choice is remembered. */
function useCountry(): [string, (code: string) => void, Country[]] {
  const [country, setCountry] = useState(read(COUNTRY) ?? '');
  const [list, setList] = useState<Country[]>([]);
  useEffect(() => {
    get<Countries>('/api/countries').then((all) => {
      setList(named(all.countries));
      setCountry((chosen) => chosen || all.default);
    }, complain);
  }, []);
  return [country, (code) => (write(COUNTRY, code), setCountry(code)), list];
}

function named(countries: Countries['countries']): Country[] {
  const names = new Intl.DisplayNames(lang, { type: 'region' });
  const all = countries.map((c) => ({ ...c, name: names.of(c.code) ?? c.code }));
  return all.sort((a, b) => a.name.localeCompare(b.name, lang));
}
