// The picture of the end-user's screen, with what the agent shows on it.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { paint } from '../../view/marks';
import { t } from '../say';
import { useLooking } from '../session/room';
import { ControlBar } from '../control/bar';
import { Pad } from '../control/pad';
import { FiguresTable } from './figures';
import { Hand } from './hand';
import { StageBar } from './stagebar';

export function Stage() {
  const { looking } = useLooking();
  const stage = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const { state } = looking.picture;
  const { paused } = looking.state;
  const shown = state === 'live' && !paused;
  return (
    <section ref={stage} class="stage" aria-label={t('view.stage')}>
      <StageBar stage={stage} video={video} />
      <ControlBar stage={stage} />
      <div class="stage-view">
        <Picture video={video} hidden={paused || state === 'elsewhere' || state === 'connecting'} />
        {!shown && <Cover />}
        {looking.figures.value && <FiguresTable />}
      </div>
    </section>
  );
}

/** What stands in place of the picture, or over one that stands still. */
function Cover() {
  const room = useLooking();
  const { looking } = room;
  const guest = room.nameOf(looking.state.endUser);
  const { state } = looking.picture;
  const key = state === 'elsewhere' ? 'elsewhere' : looking.state.paused ? 'paused' : state === 'broken' ? 'broken' : 'connecting';
  return (
    <div class={`cover ${key}`} role="status">
      <p><strong>{t(`view.cover.${key}`, { guest })}</strong></p>
      <p>{t(`view.cover.${key}.text`, { guest })}</p>
      {key === 'elsewhere' && <button type="button" onClick={() => room.takeHere()}>{t('view.here')}</button>}
    </div>
  );
}

interface Size {
  width: number;
  height: number;
}

function Picture({ video, hidden }: { video: { current: HTMLVideoElement | null }; hidden: boolean }) {
  const { looking } = useLooking();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [natural, measure] = useState<Size>({ width: 0, height: 0 });
  const room = useSize(frame);
  const size = scaled(natural, room, looking.zoom.value);
  const { stream, marks } = looking.picture;
  useEffect(() => {
    const v = video.current!;
    if (v.srcObject !== stream) v.srcObject = stream;
    void (marks.frozen ? v.pause() : v.play().catch(() => {
      v.muted = true; // browsers let nothing sound before the first press
      return v.play().catch(() => undefined);
    }));
  }, [stream, stream.getTracks().length, marks.frozen]);
  useLayoutEffect(() => {
    const c = canvas.current!;
    const [width, height] = [Math.round(size.width * devicePixelRatio), Math.round(size.height * devicePixelRatio)];
    if (c.width !== width || c.height !== height) Object.assign(c, { width, height });
    paint(c, [marks]);
  });
  const learn = (e: { currentTarget: HTMLVideoElement }) => measure({ width: e.currentTarget.videoWidth, height: e.currentTarget.videoHeight });
  return (
    <div ref={frame} class={`stage-frame${looking.zoom.value === 'fit' ? ' fit' : ''}`} hidden={hidden} tabIndex={0} role="group" aria-label={t('view.picture')}>
      <div class="picture" style={{ width: `${size.width}px`, height: `${size.height}px` }}>
        <video ref={video} playsInline autoplay onResize={learn} onLoadedMetadata={learn} />
        <canvas ref={canvas} aria-hidden="true" />
        {looking.tool.value === 'control' ? <Pad /> : <Hand frame={frame} />}
      </div>
    </div>
  );
}

/** How large the picture is, in the page's pixels. Actual size is one screen pixel for each of the picture's. */
export function scaled(natural: Size, room: Size, zoom: 'fit' | number): Size {
  if (!natural.width || !room.width) return { width: 0, height: 0 };
  const scale = zoom === 'fit' ? Math.min(room.width / natural.width, room.height / natural.height) : zoom / devicePixelRatio;
  return { width: Math.floor(natural.width * scale), height: Math.floor(natural.height * scale) };
}

function useSize(element: { current: HTMLElement | null }): Size {
  const [size, set] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element.current!;
      set((was) => (was.width === width && was.height === height ? was : { width, height }));
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return size;
}
