// What this browser can show, and getting hold of it.

/** Why there is nothing to share. */
export type Refused = 'picker' | 'unable';

export interface Captured {
  stream: MediaStream;
  surface: 'monitor' | 'window' | 'browser' | 'camera' | 'unknown';
}

/** What the person's browser can show. Browsers of phones have no screen to share, even where they say so. */
export function equipment(): { screen: boolean; camera: boolean } {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  const phone = /Android|iPhone|iPad|iPod/.test(navigator.userAgent) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1);
  return { screen: !phone && !!devices && 'getDisplayMedia' in devices, camera: !!devices && 'getUserMedia' in devices };
}

/** Lets the person choose what to share, in the browser's own picker. It has to be called by their press. */
export async function captureScreen(sound: boolean): Promise<Captured | Refused> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 30, max: 30 } },
      audio: sound,
      selfBrowserSurface: 'exclude',
      surfaceSwitching: 'include',
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
