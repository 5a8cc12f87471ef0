// One message.

import { useId, useState } from 'preact/hooks';
import { linkify, linkTo } from '../linkify';
import { reason } from '../api';
import { t } from '../say';
import { Icon, Ticks } from '../ui/icon';
import { Time } from '../ui/parts';
import { FileBody } from './file';
import { MessageMenu } from './messagemenu';
import { useRoomOnly } from './room';
import type { Said } from './rows';

export function Bubble({ said }: { said: Said }) {
  const classes = ['msg', said.kind, said.own && 'own', said.joined && 'joined', said.mark === 'failed' && 'unsent'];
  return (
    <article class={classes.filter(Boolean).join(' ')} data-key={said.key} tabIndex={-1} aria-label={t(`by.${said.kind}`, { name: said.name })}>
      {!said.joined && (said.kind === 'note' || !said.own) && <p class="msg-by" aria-hidden="true">{said.kind === 'note' && <Icon name="note" />}{t(`by.${said.kind}`, { name: said.name })}</p>}
      {said.file ? <FileBody file={said.file} /> : <Text said={said} />}
      <Foot said={said} />
      {said.reactions.length > 0 && !said.withdrawn && <Reactions said={said} />}
      {said.mark === 'failed' && <NotSent said={said} />}
      {said.seq > 0 && !said.withdrawn && !said.file && <MessageMenu said={said} />}
    </article>
  );
}

function Text({ said }: { said: Said }) {
  if (said.withdrawn) return <p class="text gone">{t('line.withdrawn', { name: said.name })}</p>;
  const link = said.kind === 'link' ? linkTo(said.text) : undefined;
  const pieces = link ? [link] : linkify(said.text);
  return (
    <p class="text" dir="auto">
      {link && <Icon name="link" />}
      {pieces.map((p) => (p.href ? <a href={p.href} target="_blank" rel="noopener noreferrer nofollow">{p.text}</a> : p.text))}
    </p>
  );
}

function Foot({ said }: { said: Said }) {
  return (
    <footer class="msg-foot">
      {said.edits.length > 0 && !said.withdrawn && <Older said={said} />}
      <Time at={new Date(said.at)} />
      {said.mark && said.mark !== 'failed' && <Ticks mark={said.mark} label={t(`mark.${said.mark}`)} />}
    </footer>
  );
}

/** The texts before the newest one; agents may read them. */
function Older({ said }: { said: Said }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <button type="button" class="inline" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>{t('message.edited')}</button>
      <ol id={id} class="older" hidden={!open} aria-label={t('message.older')}>
        {said.edits.map((e) => <li key={e.at}><span dir="auto">{e.text}</span> <Time at={e.at} /></li>)}
      </ol>
    </>
  );
}

function Reactions({ said }: { said: Said }) {
  const room = useRoomOnly();
  return (
    <ul class="reactions">
      {said.reactions.map(({ emoji, names, mine }) => (
        <li key={emoji}>
          <button type="button" aria-pressed={mine} disabled={!room.active} aria-label={t('react.by', { emoji, names: names.join(', ') })} title={names.join(', ')}
            onClick={() => room.ask('react', { message: said.seq, emoji: mine ? '' : emoji })}>
            {emoji}{names.length > 1 ? ` ${names.length}` : ''}
          </button>
        </li>
      ))}
    </ul>
  );
}

function NotSent({ said }: { said: Said }) {
  const room = useRoomOnly();
  return (
    <p class="not-sent">
      <Icon name="warn" /><strong>{t('mark.failed')}</strong> {said.failed && reason({ code: said.failed })}
      <button type="button" class="inline" onClick={() => room.talk.retry(said.key)}>{t('mark.retry')}</button>
      <button type="button" class="inline" onClick={() => { room.talk.discard(said.key); (document.getElementById('message') ?? document.querySelector<HTMLElement>('.log'))?.focus(); }}>{t('mark.discard')}</button>
    </p>
  );
}
