// The texts of invitations, which administrators change: what goes out by SMS
// and by email, in each language, with a preview that the server renders.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type AllTexts, get, type LanguageTexts, post, put, reason, type Texts, type TextsCheck } from './api';
import { read, write } from './prefs';
import { lang, t } from './say';
import { Parts } from './session/letter';
import { Icon } from './ui/icon';
import { type Fault, faultsOf, type Field, fields, inUse, own, same } from './wording';

const TYPED = 300; // milliseconds without a key after which the preview is made anew

export function TextsScreen({ allowed }: { allowed: boolean }) {
  const [all, setAll] = useState<AllTexts>();
  const [trouble, setTrouble] = useState('');
  const [language, setLanguage] = useState(lang);
  useEffect(() => {
    if (allowed) get<AllTexts>('/api/texts').then(setAll, (e) => setTrouble(reason(e)));
  }, [allowed]);
  const saved = (l: LanguageTexts) => setAll((a) => a && { ...a, languages: a.languages.map((o) => (o.code === l.code ? l : o)) });
  const chosen = all?.languages.find((l) => l.code === language);
  return (
    <main class="page texts">
      <h1>{t('texts.heading')}</h1>
      {!allowed && <p>{t('texts.forbidden')}</p>}
      {trouble && <p class="net" role="alert"><Icon name="warn" />{trouble}</p>}
      {all && <Languages all={all} language={language} choose={setLanguage} />}
      {all && chosen && <Editor key={language} texts={chosen} variables={all.variables} onSaved={saved} />}
    </main>
  );
}

function Languages({ all, language, choose }: { all: AllTexts; language: string; choose(code: string): void }) {
  return (
    <fieldset class="choice">
      <legend>{t('letter.language')}</legend>
      {all.languages.map((l) => (
        <label key={l.code}><input type="radio" name="language" checked={l.code === language} onChange={() => choose(l.code)} /><span lang={l.code}>{l.name}</span></label>
      ))}
    </fieldset>
  );
}

interface EditorProps {
  texts: LanguageTexts;
  variables: string[];
  onSaved(l: LanguageTexts): void;
}

function Editor({ texts, variables, onSaved }: EditorProps) {
  const [draft, change, save, state, trouble] = useDraft(texts, onSaved);
  const faults = faultsOf(draft, variables);
  const checked = useCheck(texts.code, draft, faults.length > 0);
  const shipped = same(draft, texts.shipped);
  return (
    <form class="texts-form" onSubmit={(e) => { e.preventDefault(); if (!faults.length) void save(); }}>
      <section class="card stack" aria-labelledby="texts-edit">
        <h2 id="texts-edit">{t('texts.edit')}</h2>
        {fields.map((f) => <TextField key={f} field={f} lang={texts.code} value={draft[f]} faults={faults.filter((x) => x.field === f)} change={(v) => change({ ...draft, [f]: v })} />)}
        <div class="row">
          <button class="main" disabled={state === 'clean' || state === 'saved' || state === 'saving' || faults.length > 0}>{t('texts.save')}</button>
          <button type="button" disabled={shipped} onClick={() => change(texts.shipped)}>{t('texts.shipped')}</button>
          <span role="status" class={`saved ${state}`}>{state === 'saved' && <Icon name="check" />}{state !== 'clean' && t(`summary.${state}`)}</span>
        </div>
        <div role="alert">{trouble && <p class="check refused"><Icon name="warn" />{trouble}</p>}</div>
        <Variables names={variables} />
      </section>
      <Previews checked={checked} lang={texts.code} />
    </form>
  );
}

function TextField({ field, lang, value, faults, change }: { field: Field; lang: string; value: string; faults: Fault[]; change(v: string): void }) {
  const id = `text-${field}`;
  const common = { id, lang, dir: 'auto' as const, value, 'aria-invalid': faults.length > 0, 'aria-describedby': `${id}-faults`, spellcheck: true };
  return (
    <div class="field">
      <label for={id}>{t(`texts.${field}`)}</label>
      {field === 'subject'
        ? <input type="text" autocomplete="off" {...common} onInput={(e) => change(e.currentTarget.value)} />
        : <textarea rows={field === 'sms' ? 3 : 9} {...common} onInput={(e) => change(e.currentTarget.value)} />}
      <div id={`${id}-faults`} role="status">{faults.map((f) => <p class="check refused" key={wrong(f)}><Icon name="warn" />{wrong(f)}</p>)}</div>
    </div>
  );
}

function wrong(f: Fault): string {
  return f.is === 'no-link' ? t('texts.no-link', { variable: '{link}' }) : t('texts.unknown', { variable: `{${f.name}}` });
}

function Variables({ names }: { names: string[] }) {
  return (
    <section aria-labelledby="texts-variables" class="stack tight">
      <h2 id="texts-variables">{t('texts.variables')}</h2>
      <dl class="variables">
        {names.map((n) => <div key={n}><dt><code>{`{${n}}`}</code></dt><dd>{t(`variable.${n}`)}</dd></div>)}
      </dl>
    </section>
  );
}

/** The texts with sample values, as the server renders them. */
function Previews({ checked, lang }: { checked: TextsCheck | undefined; lang: string }) {
  return (
    <section class="card stack" aria-labelledby="texts-preview">
      <h2 id="texts-preview">{t('texts.preview')}</h2>
      {!checked && <p class="soft">{t('texts.preview.none')}</p>}
      {checked && (
        <>
          <Shown name={t('texts.sms')} lang={lang} text={checked.sms}><p class="soft" role="status"><Parts length={checked.length} text={checked.sms} /></p></Shown>
          <Shown name={t('texts.mail')} lang={lang} subject={checked.subject} text={checked.mail}>
            <details><summary>{t('texts.html')}</summary><pre class="source" tabIndex={0} dir="ltr">{checked.html}</pre></details>
          </Shown>
        </>
      )}
    </section>
  );
}

function Shown({ name, lang, subject, text, children }: { name: string; lang: string; subject?: string; text: string; children: ComponentChildren }) {
  return (
    <figure class="preview whole">
      <figcaption>{name}</figcaption>
      <blockquote lang={lang} dir="auto">{subject && <strong>{subject}{'\n\n'}</strong>}{text}</blockquote>
      {children}
    </figure>
  );
}

type State = 'clean' | 'changed' | 'saving' | 'saved';

/** What is in the form: what is in use, or what was typed since; that survives leaving the page. */
function useDraft(texts: LanguageTexts, onSaved: EditorProps['onSaved']): [Texts, (d: Texts) => void, () => Promise<void>, State, string] {
  const kept = `deskside-texts-${texts.code}`;
  const [typed, setTyped] = useState<Texts | undefined>(() => parsed(read(kept)));
  const [state, setState] = useState<State>(typed ? 'changed' : 'clean');
  const [trouble, setTrouble] = useState('');
  const draft = typed ?? inUse(texts);
  const change = (d: Texts) => {
    const changed = !same(d, inUse(texts));
    setTyped(changed ? d : undefined);
    setState(changed ? 'changed' : 'clean');
    setTrouble('');
    write(kept, changed ? JSON.stringify(d) : '');
  };
  const save = async () => {
    setState('saving');
    try {
      onSaved(await put<LanguageTexts>(`/api/texts/${texts.code}`, own(draft, texts.shipped)));
      write(kept, '');
      setTyped(undefined);
      setState('saved');
    } catch (e) {
      setTrouble(refused(e));
      setState('changed');
    }
  };
  return [draft, change, save, state, trouble];
}

/** A text that the server refuses is refused for a reason that only it knows. */
function refused(e: unknown): string {
  const { code, message } = e as { code?: string; message?: string };
  return code === 'invalid' && message ? message : reason(e);
}

function parsed(kept: string | null): Texts | undefined {
  try {
    return kept ? (JSON.parse(kept) as Texts) : undefined;
  } catch {
    return undefined; // somebody else wrote there
  }
}

/** Has the server render the texts; what is at fault keeps the last preview. */
function useCheck(language: string, draft: Texts, faulty: boolean): TextsCheck | undefined {
  const [checked, setChecked] = useState<TextsCheck>();
  const first = useRef(true);
  useEffect(() => {
    if (faulty) return;
    let stale = false;
    const check = () => post<TextsCheck>(`/api/texts/${language}/check`, draft).then((c) => stale || setChecked(c), () => undefined); // saving says why
    const timer = setTimeout(check, first.current ? 0 : TYPED);
    first.current = false;
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [language, faulty, ...Object.values(draft)]);
  return checked;
}
