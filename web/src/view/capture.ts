// What this browser can show, and getting hold of it.

import { type Browser, browserOf, type System, systemOf } from '../control/system';

/** Why there is nothing to share. */
export type Refused = 'picker' | 'unable';

export interface Captured {
  stream: MediaStream;
  surface: 'monitor' | 'window' | 'browser' | 'camera' | 'unknown';
}

/** What the person's browser can show. Browsers of phones have no screen to share, even where they say so. */
export function equipment(): { screen: boolean; camera: boolean; system: System; browser: Browser } {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  const system = systemOf(navigator);
  const phone = system === 'android' || system === 'ios';
  return {
    screen: !phone && !!devices && 'getDisplayMedia' in devices, camera: !!devices && 'getUserMedia' in devices, system, browser: browserOf(navigator.userAgent),
  };
}

/** Lets the person choose what to share, in the browser's own picker; whole screens first, where only those are of use. It has to be called by their press. */
export async function captureScreen(sound: boolean, whole = false): Promise<Captured | Refused> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 30, max: 30 }, ...(whole ? { displaySurface: 'monitor' } : {}) },
      audio: sound,
      selfBrowserSurface: 'exclude',
      surfaceSwitching: whole ? 'exclude' : 'include',
      systemAudio: sound ? 'include' : 'exclude',
    } as DisplayMediaStreamOptions);
    const { displaySurface } = stream.getVideoTracks()[0]!.getSettings() as { displaySurface?: Captured['surface'] };
    return { stream, surface: displaySurface ?? 'unknown' };
  } catch (e) {
    return refused(e);
  }
}

/** Opens a camera: the back one, where there are two. */
export async function captureCamera(facing: 'environment' | 'user' = 'environment'): Promise<Captured | Refused> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, width: { ideal: 1920 }, height: { ideal: 1080 } } });
    return { stream, surface: 'camera' };
  } catch (e) {
    return refused(e);
  }
}

/** A picker that was closed says the same as a system that forbids it, but for its words. */
function refused(e: unknown): Refused {
  const { name, message } = e as DOMException;
  return name === 'AbortError' || (name === 'NotAllowedError' && !/system/i.test(message)) ? 'picker' : 'unable';
}
