// Looks for the helper's marks in what this page shares, so that the helper
// knows which screen that is. The page never learns it from the browser.

import { findMarks, type Found, type Picture } from '../control/find';

const LOOK_FOR = 4000; // ms
const LOOK_EVERY = 120; // ms
const ENOUGH = 2; // marks: they lie in opposite corners

/** Reads frames of a track: also in a page that is behind others, where the browser can. */
interface Processor {
  readable: ReadableStream<VideoFrame>;
}
declare const MediaStreamTrackProcessor: (new (init: { track: MediaStreamTrack }) => Processor) | undefined;

/** What the helper says: which marks are to be looked for. */
export function wanted(said: string): number[] {
  try {
    const { look } = JSON.parse(said) as { look?: unknown };
    return Array.isArray(look) && look.length <= 64 && look.every((id) => Number.isInteger(id)) ? (look as number[]) : [];
  } catch {
    return [];
  }
}

/** Looks until enough marks are found, and gives them; none where they are not there. */
export async function look(track: MediaStreamTrack, ids: readonly number[]): Promise<Found[]> {
  const until = performance.now() + LOOK_FOR;
  const own = track.clone();
  const frames = typeof MediaStreamTrackProcessor === 'undefined' ? shownFrames(own) : readFrames(own);
  try {
    for (;;) {
      const late = new Promise<undefined>((done) => setTimeout(done, Math.max(0, until - performance.now())));
      const next = await Promise.race([frames.next(), late]);
      if (!next || next.done) return [];
      const found = findMarks(next.value, ids);
      if (found.length >= ENOUGH) return found;
    }
  } finally {
    own.stop();
    void frames.return(undefined);
  }
}

async function* readFrames(track: MediaStreamTrack): AsyncGenerator<Picture, void, undefined> {
  const reader = new MediaStreamTrackProcessor!({ track }).readable.getReader();
  try {
    for (;;) {
      const { value: frame, done } = await reader.read();
      if (done) return;
      const picture = drawn(frame, frame.displayWidth, frame.displayHeight);
      frame.close();
      yield picture; // each: none comes after it as long as nothing moves
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

async function* shownFrames(track: MediaStreamTrack): AsyncGenerator<Picture, void, undefined> {
  const video = document.createElement('video');
  video.muted = video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  await video.play().catch(() => undefined);
  try {
    for (;;) {
      if (video.videoWidth) yield drawn(video, video.videoWidth, video.videoHeight);
      await new Promise((done) => setTimeout(done, LOOK_EVERY));
    }
  } finally {
    video.srcObject = null;
  }
}

function drawn(from: CanvasImageSource, width: number, height: number): Picture {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const c = canvas.getContext('2d', { willReadFrequently: true })!;
  c.drawImage(from, 0, 0);
  return c.getImageData(0, 0, width, height);
}
