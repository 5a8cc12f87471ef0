// History: ended sessions, found by what was said in them.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Found } from '../lib/protocol';
import { useActions } from './actions';
import { get, reason } from './api';
import { duration } from './format';
import { t } from './say';
import { Icon } from './ui/icon';
import { Time, nameOf } from './ui/parts';

const TYPED = 250; // milliseconds without a key after which is searched
const PAGE = 25; // sessions at once

/** What is on the page. */
export interface Results {
  found: Found[];
  /** There may be more. */
  more: boolean;
  busy: boolean;
  trouble: string;
}

const nothingYet: Results = { found: [], more: false, busy: true, trouble: '' };

export function HistoryScreen() {
  const [typed, setTyped] = useState(() => new URLSearchParams(location.search).get('q') ?? '');
  const [results, next] = useSearch(typed);
  const field = useRef<HTMLInputElement>(null);
  useActions(() => [{ id: 'search', label: t('history.search'), keys: '/', key: '/', run: () => field.current?.focus() }]);
  return (
    <main class="page history">
      <h1>{t('nav.history')}</h1>
      <form role="search" onSubmit={(e) => e.preventDefault()}>
        <label class="search-field">
          <Icon name="search" /><span class="vh">{t('history.search')}</span>
          <input type="search" ref={field} placeholder={t('history.search')} autocomplete="off" spellcheck={false} dir="auto" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
        </label>
      </form>
      <PastSessions results={results} searched={typed.trim() !== ''} />
      {results.more && <button type="button" class="earlier" aria-disabled={results.busy} onClick={() => results.busy || next()}>{t('history.more')}</button>}
    </main>
  );
}

export function PastSessions({ results, searched }: { results: Results; searched: boolean }) {
  const { found, busy, trouble } = results;
  return (
    <>
      <p class="vh" role="status">{busy ? '' : t('history.found', { n: found.length })}</p>
      {trouble && <p class="net" role="alert"><Icon name="warn" />{trouble}</p>}
      {!found.length && !busy && !trouble && (
        <div class="empty"><Icon name="history" /><p><strong>{t(searched ? 'history.no-hits' : 'history.none')}</strong></p><p>{t(searched ? 'history.no-hits.next' : 'history.none.next')}</p></div>
      )}
      <ul class="rows" aria-busy={busy}>
        {found.map((s) => <li key={s.id}><PastRow session={s} /></li>)}
      </ul>
    </>
  );
}

function PastRow({ session: s }: { session: Found }) {
  return (
    <a class="session-row" href={`/history/${s.id}`}>
      <span class="row-main">
        <strong class="row-name" dir="auto">{nameOf(s)}</strong>
        <Snippet session={s} />
      </span>
      <span class="row-badges">
        {s.tags.map((tag) => <span class="badge tag" key={tag} dir="auto">{tag}</span>)}
      </span>
      <span class="row-state">
        {s.outcome && <span class={`outcome ${s.outcome}`}>{t(`outcome.${s.outcome}`)}</span>}
        {s.rating && <span class={`rating ${s.rating}`}><Icon name="star" />{t(`rating.${s.rating}`)}</span>}
        {!s.started && <span class="soft">{t('history.nobody')}</span>}
      </span>
      <span class="row-time"><Time at={s.ended ?? s.lastAt} short />{s.started && s.ended && <span class="soft">{duration(Date.parse(s.ended) - Date.parse(s.started))}</span>}</span>
    </a>
  );
}

function Snippet({ session: s }: { session: Found }) {
  if (!s.snippet?.length) return <span class="row-text">{s.title && s.lastText ? <span dir="auto">{s.lastText}</span> : t('session.by', { agent: s.agentName })}</span>;
  return <span class="row-text" dir="auto">{s.snippet.map((f) => (f.hit ? <mark>{f.text}</mark> : f.text))}</span>;
}

/** Searches as somebody types, and goes on where the page ends. */
function useSearch(typed: string): [Results, () => void] {
  const [results, setResults] = useState(nothingYet);
  const search = async (before: Found[], signal?: AbortSignal) => {
    setResults((r) => ({ ...r, busy: true }));
    try {
      const { sessions } = await get<{ sessions: Found[] }>(`/api/history?${query(typed, before.at(-1))}`, signal);
      if (!signal?.aborted) setResults({ found: [...before, ...sessions], more: sessions.length === PAGE, busy: false, trouble: '' });
    } catch (e) {
      if (!signal?.aborted) setResults({ found: before, more: false, busy: false, trouble: reason(e) });
    }
  };
  useEffect(() => {
    history.replaceState(null, '', address(typed)); // so that the way back leads to what was found
    const abort = new AbortController();
    const timer = setTimeout(() => void search([], abort.signal), typed ? TYPED : 0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [typed]);
  return [results, () => void search(results.found)];
}

function address(typed: string): string {
  return typed.trim() ? `/history?${new URLSearchParams({ q: typed })}` : '/history';
}

function query(typed: string, last?: Found): string {
  const q = new URLSearchParams({ limit: String(PAGE) });
  if (typed.trim()) q.set('q', typed.trim());
  if (last?.ended) q.set('before', last.ended);
  return q.toString();
}
