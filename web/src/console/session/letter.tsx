// What the dialogs that send an invitation have in common: the language and
// the personal word, the message as it will go out, and the server's opinion
// of the address while it is typed.

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type AllTexts, get, type Letter, type LetterCheck, post, reason, type SmsLength } from '../api';
import { lang, t } from '../say';
import { Icon } from '../ui/icon';
import { complain } from '../ui/notice';
import type { Room } from './room';
import { send } from './sending';

const TYPED = 300; // milliseconds without a key after which a letter is checked
const MAX_WORD = 100; // characters; the server's limit

/** What is known of a letter. */
export type Checked = { is: 'empty'; letter?: LetterCheck } | { is: 'checking' } | { is: 'refused'; why: string } | { is: 'good'; letter: LetterCheck };

/** Asks the server about a letter while it is written. impossible is said of an address that can't be one. */
export function useChecked(session: string, letter: Letter, impossible: string): Checked {
  const [checked, setChecked] = useState<Checked>({ is: 'empty' });
  useEffect(() => {
    let stale = false;
    setChecked({ is: letter.to.trim() ? 'checking' : 'empty' });
    const timer = setTimeout(async () => {
      const result = await check(session, letter, impossible);
      if (!stale) setChecked(result);
    }, TYPED);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [session, ...Object.values(letter)]);
  return checked;
}

async function check(session: string, letter: Letter, impossible: string): Promise<Checked> {
  try {
    const seen = await post<LetterCheck>(`/api/sessions/${session}/invitations/check`, letter);
    return { is: seen.address ? 'good' : 'empty', letter: seen };
  } catch (e) {
    return { is: 'refused', why: (e as { code: string }).code === 'invalid' ? impossible : reason(e) };
  }
}

/** Sends a letter: whether that is under way, why it was refused, and how to begin. What is changed makes a refusal forgotten. */
export function useSending(room: Room, letter: Letter, done: (id: string) => void): [boolean, string, () => void] {
  const [sending, setSending] = useState(false);
  const [trouble, setTrouble] = useState('');
  useEffect(() => setTrouble(''), Object.values(letter));
  const submit = async () => {
    if (sending) return;
    setSending(true);
    setTrouble('');
    await send(room.id, letter).then(done, (e) => setTrouble(reason(e)));
    setSending(false);
  };
  return [sending, trouble, () => void submit()];
}

/** What the server thinks of the address; good is said where it has nothing against it. */
export function Verdict({ id, checked, empty, good }: { id: string; checked: Checked; empty: string; good(l: LetterCheck): string }) {
  const look = checked.is === 'good' && !checked.letter.valid ? 'unsure' : checked.is;
  return (
    <p id={id} class={`check ${look}`} role="status">
      {look === 'good' && <Icon name="check" />}
      {(look === 'unsure' || look === 'refused') && <Icon name="warn" />}
      <span>{checked.is === 'good' ? good(checked.letter) : checked.is === 'refused' ? checked.why : checked.is === 'checking' ? t('letter.checking') : empty}</span>
    </p>
  );
}

/** The language of the text and a personal word. */
export function Wording({ language, setLanguage, word, setWord }: { language: string; setLanguage(l: string): void; word: string; setWord(w: string): void }) {
  const languages = useLanguages();
  const id = useId();
  return (
    <div class="wording">
      <p class="field">
        <label for={`${id}l`}>{t('letter.language')}</label>
        <select id={`${id}l`} value={language} onChange={(e) => setLanguage(e.currentTarget.value)}>
          {languages.map((l) => <option key={l.code} value={l.code} lang={l.code}>{l.name}</option>)}
        </select>
      </p>
      <p class="field">
        <label for={`${id}w`}>{t('letter.word')} <span class="soft">{t('letter.optional')}</span></label>
        <input id={`${id}w`} type="text" dir="auto" autocomplete="off" maxLength={MAX_WORD} value={word} onInput={(e) => setWord(e.currentTarget.value)} />
      </p>
    </div>
  );
}

/** The languages that there are texts in. */
function useLanguages(): { code: string; name: string }[] {
  const [list, setList] = useState([{ code: lang, name: new Intl.DisplayNames(lang, { type: 'language' }).of(lang) ?? lang }]);
  useEffect(() => void get<AllTexts>('/api/texts').then((all) => setList(all.languages), complain), []);
  return list;
}

/** The message as it will go out. While the next one is on its way, the last one stays. */
export function Preview({ checked, language }: { checked: Checked; language: string }) {
  const last = useRef<LetterCheck>(undefined);
  if ('letter' in checked) last.current = checked.letter;
  const l = last.current;
  return (
    <figure class="preview" aria-busy={checked.is === 'checking'}>
      <figcaption>{t('letter.preview')}</figcaption>
      {l ? <blockquote lang={language} dir="auto" tabIndex={0}>{l.subject && <strong>{l.subject}{'\n\n'}</strong>}{l.text}</blockquote> : <p class="soft">{t('letter.preview.none')}</p>}
      {l?.sms && <p class="soft" role="status"><Parts length={l.sms} text={l.text} /></p>}
    </figure>
  );
}

/** How many messages a text is sent as, and what makes it more. */
export function Parts({ length, text }: { length: SmsLength; text: string }) {
  const { parts, unicode, left } = length;
  return (
    <span class={parts > 1 ? 'parts many' : 'parts'}>
      {t('parts.count', { n: parts })}
      {unicode && `, ${t(parts > 1 ? 'parts.because' : 'parts.unicode', { characters: special(text).join(' ') })}`}
      {'. '}{t('parts.left', { n: left })}
    </span>
  );
}

/** What GSM 7-bit has (3GPP TS 23.038, 6.2.1), with its extension; the server counts, this only names. */
const gsm = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€');
const NAMED = 6; // of the characters that cost room

/** The characters for which a text message holds less than half as much. */
export function special(text: string): string[] {
  return [...new Set(text)].filter((c) => !gsm.has(c)).slice(0, NAMED);
}

