// The ways to send files: a button, dropping them on the conversation, and
// what was not sent.

import { useEffect, useRef, useState } from 'preact/hooks';
import { isolated } from '../../lib/filewords';
import { size } from '../../lib/size';
import { filesOf } from '../../lib/uploads';
import { lang, t } from '../say';
import { Icon } from '../ui/icon';
import { complain } from '../ui/notice';
import { type Room, useRoom } from './room';

/** Sends files, and shows the newest of the conversation. */
function send(room: Room, files: File[], folders: string[] = []): void {
  room.files.send(files, folders).catch(complain);
  room.said.value++;
}

export function AttachButton() {
  const room = useRoom();
  const picker = useRef<HTMLInputElement>(null);
  const { limits } = room.files;
  useEffect(() => {
    if (room.active) room.files.learn();
  }, [room.active]);
  if (limits.value?.off) return null;
  const most = limits.value && t('file.most', { size: size(limits.value.mostEach, lang) });
  return (
    <>
      <input ref={picker} type="file" multiple hidden onChange={(e) => {
        send(room, [...e.currentTarget.files!]);
        e.currentTarget.value = '';
      }} />
      <button type="button" id="attach" class="quiet round" aria-label={t('file.attach')} title={[t('file.attach'), most].filter(Boolean).join('. ')} disabled={!room.active} onClick={() => picker.current!.click()}><Icon name="clip" /></button>
    </>
  );
}

/** Takes files that are dropped anywhere on the page, which would otherwise leave it to show them. */
export function DropTarget() {
  const room = useRoom();
  const [held, setHeld] = useState(false);
  const ready = room.active && !room.files.limits.value?.off;
  useEffect(() => {
    const holding = (e: DragEvent) => !!e.dataTransfer?.types.includes('Files');
    const over = (e: DragEvent) => {
      if (!holding(e)) return;
      e.preventDefault();
      e.dataTransfer!.dropEffect = ready ? 'copy' : 'none';
      setHeld(ready);
    };
    const drop = (e: DragEvent) => {
      setHeld(false);
      if (!holding(e)) return;
      e.preventDefault();
      const { files, folders } = filesOf(e.dataTransfer!);
      if (ready) send(room, files, folders);
    };
    const left = (e: DragEvent) => void (e.relatedTarget || setHeld(false));
    const all = { dragenter: over, dragover: over, dragleave: left, drop };
    for (const [name, hear] of Object.entries(all)) document.addEventListener(name, hear as (e: Event) => void);
    return () => {
      for (const [name, hear] of Object.entries(all)) document.removeEventListener(name, hear as (e: Event) => void);
    };
  }, [room, ready]);
  return held ? <div class="drop"><p><Icon name="clip" />{t('file.drop')}</p></div> : null;
}

/** What was not sent, and why, until it is closed. */
export function Refusals() {
  const { files } = useRoom();
  return (
    <div class="refusals" role="status">
      {files.refusals.value.map((r) => (
        <p key={r.key}>
          <span>{t('file.not', { name: isolated(r.name), code: r.code || 'none', limit: r.limit === undefined ? '' : size(r.limit, lang) })}</span>
          <button type="button" class="quiet round" aria-label={t('file.close', { name: r.name })} onClick={() => {
            files.dismiss(r.key);
            document.getElementById('message')?.focus();
          }}><Icon name="close" /></button>
        </p>
      ))}
    </div>
  );
}
