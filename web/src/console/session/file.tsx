// A file in the conversation: what it is, how far it is, and what can be done.

import { useRef, useState } from 'preact/hooks';
import type { Attachment } from '../../lib/conversation';
import { size } from '../../lib/size';
import { kindOf, progressOf } from '../../lib/filewords';
import { lang, t } from '../say';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { complain } from '../ui/notice';
import { useRoomOnly } from './room';

export function FileBody({ file }: { file: Attachment }) {
  return (
    <div class="attachment">
      <Picture file={file} />
      <p class="file-name" dir="auto">{file.name}</p>
      <p class="file-about">{kindOf(file, t)}, {size(file.size, lang)}</p>
      {file.state === 'offered' ? <Moving file={file} /> : <Outcome file={file} />}
    </div>
  );
}

/** What can be seen of it; once it has arrived, large on demand. */
function Picture({ file }: { file: Attachment }) {
  const { files } = useRoomOnly();
  const [large, setLarge] = useState(false);
  const [broken, setBroken] = useState(false);
  const kept = file.state === 'offered' || file.state === 'checking' || file.state === 'arrived';
  if (broken || !kept || !(file.preview || file.width)) return null;
  const picture = <img src={files.address(file.file, '/preview')} alt="" onError={() => setBroken(true)} />;
  if (!file.width) return picture;
  return (
    <>
      <button type="button" class="thumb" aria-label={t('file.show', { name: file.name })} onClick={() => setLarge(true)}>{picture}</button>
      {large && (
        <Dialog title={file.name} class="large" onClose={() => setLarge(false)}>
          <img src={files.address(file.file, '/picture')} alt={file.name} width={file.width} height={file.height} />
          <div class="row end"><Download file={file} /></div>
        </Dialog>
      )}
    </>
  );
}

/** A file on its way, of either side. */
function Moving({ file }: { file: Attachment }) {
  const { files } = useRoomOnly();
  const transfer = files.transfer(file.file);
  const missing = transfer?.state === 'missing';
  return (
    <>
      {!missing && <progress aria-label={t('file.progress', { name: file.name })} max={Math.max(1, file.size)} value={transfer?.bytes ?? 0} />}
      <p class="file-far">{progressOf(file, transfer, t, lang)}</p>
      <p class="file-acts">{missing && <Again file={file} />}<Cancel file={file} /></p>
    </>
  );
}

function Outcome({ file }: { file: Attachment }) {
  switch (file.state) {
    case 'checking':
      return <><p class="file-far">{t('file.checking')}</p><p class="file-acts"><Cancel file={file} /></p></>;
    case 'arrived':
      return <><p class="file-acts"><Download file={file} /></p><Sum sum={file.sha256!} /></>;
    case 'refused':
      return <p class="file-bad"><Icon name="warn" /><span>{t('file.refused', { why: file.why ?? '', threat: file.threat ?? '' })}</span></p>;
    default:
      return <p class="file-far">{t('file.gone', { state: file.state })}</p>;
  }
}

function Download({ file }: { file: Attachment }) {
  const { files } = useRoomOnly();
  return <a class="button" href={files.address(file.file)} download aria-label={`${t('file.download')}: ${file.name}`}><Icon name="download" />{t('file.download')}</a>;
}

function Cancel({ file }: { file: Attachment }) {
  const room = useRoomOnly();
  if (room.ended) return null;
  return <button type="button" class="quiet" aria-label={`${t('file.cancel')}: ${file.name}`} onClick={() => room.files.cancel(file.file).catch(complain)}>{t('file.cancel')}</button>;
}

/** Asks for a file that the page has lost. */
function Again({ file }: { file: Attachment }) {
  const { files } = useRoomOnly();
  const picker = useRef<HTMLInputElement>(null);
  const take = ({ files: picked }: HTMLInputElement) => picked?.[0] && files.again(file.file, picked[0]).catch(complain);
  return (
    <>
      <input ref={picker} type="file" hidden onChange={(e) => void take(e.currentTarget)} />
      <button type="button" aria-label={`${t('file.again')}: ${file.name}`} onClick={() => picker.current!.click()}>{t('file.again')}</button>
    </>
  );
}

/** The checksum, for who wants to compare it. */
function Sum({ sum }: { sum: string }) {
  return <details class="file-sum"><summary title={sum}>SHA-256 {sum.slice(0, 8)}…</summary><code>{sum}</code></details>;
}
