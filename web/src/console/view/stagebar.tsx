// The tools above the picture.

import { useEffect, useState } from 'preact/hooks';
import { t } from '../say';
import { Icon, type IconName } from '../ui/icon';
import { complain } from '../ui/notice';
import { useLooking } from '../session/room';
import type { Tool } from './looking';
import { snapshot } from './snapshot';

const TOOLS: [Tool, IconName][] = [['hand', 'hand'], ['laser', 'laser'], ['pen', 'edit'], ['arrow', 'arrow'], ['box', 'box'], ['number', 'number']];
const LEAST = 0.1;
const MOST = 8;

interface Props {
  stage: { current: HTMLElement | null };
  video: { current: HTMLVideoElement | null };
}

export function StageBar({ stage, video }: Props) {
  const room = useLooking();
  const { looking } = room;
  const { picture } = looking;
  const full = useFullScreen(stage);
  const live = picture.state === 'live' && !looking.state.paused;
  const drawn = picture.marks.marks;
  const take = () => void snapshot(video.current!, picture.marks).then((file) => {
    room.said.value++;
    return room.files.snapshot(file);
  }).catch(complain);
  return (
    <div class="stage-bar" role="toolbar" aria-label={t('view.tools')}>
      <div class="tools-group" role="group" aria-label={t('view.tools.draw')}>
        {TOOLS.map(([tool, icon]) => (
          <Button key={tool} icon={icon} label={t(`view.tool.${tool}`)} pressed={looking.tool.value === tool} disabled={!live && tool !== 'hand'}
            press={() => {
              looking.tool.value = tool;
              if (tool !== 'laser') picture.show({ k: 'laser', at: null });
            }} />
        ))}
        <Button icon="undo" label={t('view.undo')} disabled={!drawn.length} press={() => picture.show({ k: 'undo', id: drawn.at(-1)!.id })} />
        <Button icon="clear" label={t('view.clear')} disabled={!drawn.length} press={() => picture.show({ k: 'clear' })} />
        <Button icon="freeze" label={t('view.freeze')} pressed={picture.marks.frozen} disabled={!live} press={() => picture.show({ k: 'freeze', on: !picture.marks.frozen })} />
      </div>
      <div class="tools-group" role="group" aria-label={t('view.tools.size')}>
        <Button icon="fit" label={t('view.fit')} pressed={looking.zoom.value === 'fit'} press={() => (looking.zoom.value = 'fit')} />
        <Button icon="actual" label={t('view.actual')} pressed={looking.zoom.value === 1} press={() => (looking.zoom.value = 1)} />
        <Button icon="minus" label={t('view.smaller')} press={() => (looking.zoom.value = zoomed(looking.zoom.value, video.current!, 1 / 1.25))} />
        <Button icon="plus" label={t('view.larger')} press={() => (looking.zoom.value = zoomed(looking.zoom.value, video.current!, 1.25))} />
        <Button icon="full" label={t('view.full')} pressed={full} press={() => void (full ? document.exitFullscreen() : stage.current!.requestFullscreen()).catch(complain)} />
      </div>
      <div class="tools-group">
        <Button icon="camera" label={t('view.snapshot')} disabled={!live} press={take} />
        {looking.state.sound && <Sound video={video} />}
        <Button icon="figures" label={t('view.figures')} pressed={looking.figures.value} press={() => (looking.figures.value = !looking.figures.value)} />
      </div>
      {picture.code && <p class="code" title={t('view.code.hint')}><span>{t('view.code')}</span> <b class="digits">{picture.code}</b></p>}
      <button type="button" class="danger small" onClick={() => void room.ask('stop-view')}><Icon name="stop" />{t('view.stop')}</button>
    </div>
  );
}

function Button({ icon, label, pressed, disabled, press }: { icon: IconName; label: string; pressed?: boolean; disabled?: boolean; press(): void }) {
  return <button type="button" class="quiet round" aria-label={label} title={label} aria-pressed={pressed} disabled={disabled} onClick={press}><Icon name={icon} /></button>;
}

/** The next zoom: from what is shown now, by a factor. */
function zoomed(zoom: 'fit' | number, video: HTMLVideoElement, by: number): number {
  const now = zoom === 'fit' ? (video.clientWidth * devicePixelRatio) / (video.videoWidth || 1) : zoom;
  return Math.min(MOST, Math.max(LEAST, now * by));
}

function Sound({ video }: Pick<Props, 'video'>) {
  const [muted, set] = useState(false);
  useEffect(() => {
    const v = video.current!;
    const look = () => set(v.muted);
    look();
    v.addEventListener('volumechange', look);
    return () => v.removeEventListener('volumechange', look);
  }, []);
  return <Button icon={muted ? 'mute' : 'sound'} label={t('view.hear')} pressed={!muted} press={() => (video.current!.muted = !muted)} />;
}

function useFullScreen(stage: Props['stage']): boolean {
  const [full, set] = useState(false);
  useEffect(() => {
    const look = () => set(!!stage.current && document.fullscreenElement === stage.current);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, []);
  return full;
}
