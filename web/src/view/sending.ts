// How a picture of a screen is sent: sharp before smooth, by the codec that
// both ends do best and that this machine can keep up with.

const RANK = ['video/av1', 'video/h264', 'video/vp9', 'video/vp8']; // for screens; docs/decisions/view.md has the figures
const MOST_FRAMES = 30; // a second
const MOST_BITS = 8_000_000; // a second
const SLOW = 33; // ms to encode one frame: more is fewer than 30 a second
const SLOW_LOOKS = 3; // in a row, until another codec is tried

/** Orders codecs, those that turned out too slow behind the others. */
export function ordered<C extends { mimeType: string }>(codecs: readonly C[], slow: ReadonlySet<string>): C[] {
  const rank = (c: C) => {
    const mime = c.mimeType.toLowerCase();
    const i = RANK.indexOf(mime);
    return i < 0 ? 2 * RANK.length : i + (slow.has(mime) ? RANK.length : 0); // retransmission and the like stay last
  };
  return [...codecs].sort((a, b) => rank(a) - rank(b));
}

/** Adds a picture to a connection. */
export function addPicture(pc: RTCPeerConnection, track: MediaStreamTrack | null, stream: MediaStream, slow: ReadonlySet<string>): RTCRtpTransceiver {
  const video = pc.addTransceiver(track ?? 'video', {
    direction: 'sendonly', streams: [stream], sendEncodings: [{ maxBitrate: MOST_BITS, maxFramerate: MOST_FRAMES }],
  });
  prefer(video, slow);
  const parameters = video.sender.getParameters();
  (parameters as { degradationPreference?: string }).degradationPreference = 'maintain-resolution';
  void video.sender.setParameters(parameters).catch(() => undefined); // Firefox knows no such preference
  return video;
}

/** Says which codecs to use first; the next offer has it. */
export function prefer(video: RTCRtpTransceiver, slow: ReadonlySet<string>): void {
  const codecs = RTCRtpSender.getCapabilities('video')?.codecs;
  if (codecs && 'setCodecPreferences' in video) video.setCodecPreferences(ordered(codecs, slow));
}

interface Encoded {
  framesEncoded: number;
  totalEncodeTime: number; // seconds
  codec: string;
}

/** Watches how long encoding takes, and finds codecs that are too slow. */
export class Pace {
  #last?: Encoded;
  #slow = 0;

  /** Takes a look, and returns the codec that has been too slow for some time. */
  look(now: Encoded): string | undefined {
    const last = this.#last;
    this.#last = now;
    if (!last || last.codec !== now.codec || now.framesEncoded - last.framesEncoded < 5) return undefined;
    const each = (1000 * (now.totalEncodeTime - last.totalEncodeTime)) / (now.framesEncoded - last.framesEncoded);
    this.#slow = each > SLOW ? this.#slow + 1 : 0;
    if (this.#slow < SLOW_LOOKS) return undefined;
    this.#slow = 0;
    return now.codec;
  }
}

/** Reads how much was encoded, and with what. */
export async function encoded(sender: RTCRtpSender): Promise<Encoded | undefined> {
  const stats = await sender.getStats();
  for (const s of stats.values()) {
    if (s.type !== 'outbound-rtp' || s.kind !== 'video' || !s.codecId) continue;
    return { framesEncoded: s.framesEncoded ?? 0, totalEncodeTime: s.totalEncodeTime ?? 0, codec: String(stats.get(s.codecId)?.mimeType ?? '').toLowerCase() };
  }
  return undefined;
}
