// The dialog "Send SMS". No gateway is set up, so the agent's own phone sends
// the text: from this device, or after scanning a code.

import { useEffect, useRef, useState } from 'preact/hooks';
import { get, post, reason, type Countries, type SmsCheck } from '../api';
import { read, write } from '../prefs';
import { lang, t } from '../say';
import { complain } from '../ui/notice';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { useRoom } from './room';

const TYPED = 300; // milliseconds without a key after which a number is checked
const COUNTRY = 'deskside-country';

/** What is known of the number. */
type Checked = { is: 'empty' | 'checking' } | { is: 'refused'; why: string } | { is: 'good'; sms: SmsCheck };

export function SmsDialog({ onClose }: { onClose(): void }) {
  const [sent, setSent] = useState<SmsCheck>();
  return (
    <Dialog title={t('sms.heading')} onClose={onClose} class="sms">
      {sent ? <Confirmation sms={sent} onClose={onClose} /> : <NumberForm onSend={setSent} />}
    </Dialog>
  );
}

function NumberForm({ onSend }: { onSend(sms: SmsCheck): void }) {
  const room = useRoom();
  const [number, setNumber] = useState('');
  const [country, setCountry, countries] = useCountry();
  const checked = useChecked(room.id, number, country);
  const send = () => {
    if (checked.is !== 'good') return;
    void room.ask('invite', { via: 'sms' });
    onSend(checked.sms);
  };
  return (
    <form class="stack" onSubmit={(e) => { e.preventDefault(); send(); }}>
      <p class="soft">{t('sms.own-phone')}</p>
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
      <p id="sms-check" class={`check ${checked.is === 'good' && !checked.sms.valid ? 'unsure' : checked.is}`} role="status"><CheckText checked={checked} /></p>
      <div class="row end"><button class="main" disabled={checked.is !== 'good'}><Icon name="phone" />{t('sms.send')}</button></div>
    </form>
  );
}

function CheckText({ checked }: { checked: Checked }) {
  switch (checked.is) {
    case 'good':
      return <><Icon name={checked.sms.valid ? 'check' : 'warn'} />{t(checked.sms.valid ? 'sms.valid' : 'sms.unverified', { number: checked.sms.e164 })}</>;
    case 'refused':
      return <><Icon name="warn" />{checked.why}</>;
    default:
      return <>{t(`sms.${checked.is}`)}</>;
  }
}

function Confirmation({ sms, onClose }: { sms: SmsCheck; onClose(): void }) {
  const done = useRef<HTMLButtonElement>(null);
  useEffect(() => done.current!.focus(), []); // the field that had the focus is gone
  return (
    <div class="stack">
      <p role="status">{t('sms.ready')} <strong class="digits" dir="ltr">{sms.typed}</strong></p>
      <div class="sms-ways">
        <img class="qr" src={sms.qr} alt={t('sms.qr')} width="200" height="200" />
        <div class="stack">
          <p>{t('sms.scan')}</p>
          <p>{t('sms.or')}</p>
          <p><a class="button" href={sms.href}><Icon name="phone" />{t('sms.open')}</a></p>
        </div>
      </div>
      <div class="row end"><button type="button" class="main" ref={done} onClick={onClose}>{t('done')}</button></div>
    </div>
  );
}

/** Asks the server about the number while it is typed. */
function useChecked(session: string, number: string, country: string): Checked {
  const [checked, setChecked] = useState<Checked>({ is: 'empty' });
  useEffect(() => {
    if (!number.trim()) return setChecked({ is: 'empty' });
    let stale = false;
    setChecked({ is: 'checking' });
    const timer = setTimeout(async () => {
      const result = await check(session, number, country);
      if (!stale) setChecked(result);
    }, TYPED);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [number, country]);
  return checked;
}

async function check(session: string, number: string, country: string): Promise<Checked> {
  try {
    return { is: 'good', sms: await post<SmsCheck>(`/api/sessions/${session}/sms`, { number, country }) };
  } catch (e) {
    return { is: 'refused', why: (e as { code: string }).code === 'invalid' ? t('sms.impossible') : reason(e) };
  }
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
