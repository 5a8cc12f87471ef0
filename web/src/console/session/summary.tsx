// After the end: what the agent notes about the session, and the transcript.

import { useState } from 'preact/hooks';
import type { Overview } from '../../lib/protocol';
import { read, write } from '../prefs';
import { t } from '../say';
import { Icon } from '../ui/icon';
import { type Room, useRoom } from './room';
import { tagsOf } from './tags';

interface Account {
  note: string;
  outcome: Exclude<Overview['outcome'], ''>;
  tags: string;
}

const outcomes = ['resolved', 'unresolved', 'unknown'] as const;

export function Summary() {
  const room = useRoom();
  const [account, change, save, state] = useAccount(room);
  return (
    <form class="card summary" aria-labelledby="summary-heading" onSubmit={(e) => { e.preventDefault(); void save(); }}>
      <h2 id="summary-heading" tabIndex={-1}>{t('summary.heading')}</h2>
      <fieldset class="choice">
        <legend>{t('summary.outcome')}</legend>
        {outcomes.map((o) => (
          <label key={o}><input type="radio" name="outcome" value={o} checked={account.outcome === o} onChange={() => change({ outcome: o })} /><span>{t(`outcome.${o}`)}</span></label>
        ))}
      </fieldset>
      <p class="field">
        <label for="summary-note">{t('summary.note')}</label>
        <textarea id="summary-note" rows={4} dir="auto" value={account.note} onInput={(e) => change({ note: e.currentTarget.value })} />
      </p>
      <p class="field">
        <label for="summary-tags">{t('summary.tags')}</label>
        <input id="summary-tags" dir="auto" autocomplete="off" value={account.tags} aria-describedby="tags-hint" onInput={(e) => change({ tags: e.currentTarget.value })} />
        <span id="tags-hint" class="soft">{t('summary.tags.hint')}</span>
      </p>
      <div class="row">
        <button class="main" disabled={state === 'saving'}>{t('summary.save')}</button>
        <span role="status" class={`saved ${state}`}>{state === 'saved' && <Icon name="check" />}{state !== 'clean' && t(`summary.${state}`)}</span>
      </div>
    </form>
  );
}

type State = 'clean' | 'changed' | 'saving' | 'saved';

/** What is in the form: what was saved, or what was typed since. */
function useAccount(room: Room): [Account, (part: Partial<Account>) => void, () => Promise<void>, State] {
  const draft = `deskside-summary-${room.id}`;
  const [typed, setTyped] = useState<Account | undefined>(() => parsed(read(draft)));
  const [state, setState] = useState<State>(typed ? 'changed' : 'clean');
  const account = typed ?? saved(room);
  const change = (part: Partial<Account>) => {
    const next = { ...account, ...part };
    setTyped(next);
    setState('changed');
    write(draft, JSON.stringify(next));
  };
  const save = async () => {
    setState('saving');
    const stored = await room.ask('summarize', { note: account.note.trim(), outcome: account.outcome, tags: tagsOf(account.tags) });
    if (stored) write(draft, '');
    setState(stored ? 'saved' : 'changed');
  };
  return [account, change, save, state];
}

function parsed(draft: string | null): Account | undefined {
  try {
    return draft ? (JSON.parse(draft) as Account) : undefined;
  } catch {
    return undefined;
  }
}

function saved(room: Room): Account {
  const s = room.conversation.summary;
  return { note: s?.note ?? '', outcome: s?.outcome || 'unknown', tags: s?.tags.join(', ') ?? '' };
}

export function Transcripts() {
  const room = useRoom();
  const path = `/api/sessions/${room.id}/transcript`;
  return (
    <section class="card" aria-labelledby="transcript-heading">
      <h2 id="transcript-heading">{t('transcript.heading')}</h2>
      <p class="row">
        {(['txt', 'html', 'json'] as const).map((kind) => (
          <a key={kind} class="button" href={`${path}.${kind}`} download>{t(`transcript.${kind}`)}</a>
        ))}
      </p>
    </section>
  );
}
