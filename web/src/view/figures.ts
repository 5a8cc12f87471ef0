// What a connection does just now, by getStats (W3C WebRTC Statistics).

export interface Figures {
  /** Pixels. */
  width: number;
  height: number;
  framesPerSecond: number;
  /** Since the page looked last; NaN the first time. */
  kilobitsPerSecond: number;
  /** Milliseconds from here to there and back; NaN until it is known. */
  roundTrip: number;
  /** Packets lost of all, 0 to 1, since the beginning. */
  loss: number;
  /** Like "AV1". */
  codec: string;
  /** How the picture comes: from browser to browser, or by the relay, over what. */
  path: 'direct' | 'udp' | 'tcp' | 'tls';
  framesDecoded: number;
}

const before = new WeakMap<RTCPeerConnection, { bytes: number; at: number }>();

type Stat = Record<string, unknown> & { type: string; id: string };

/** Reads the figures of a connection that brings a picture. */
export async function figuresOf(pc: RTCPeerConnection): Promise<Figures | undefined> {
  const stats = [...(await pc.getStats()).values()] as Stat[];
  const video = stats.find((s) => s.type === 'inbound-rtp' && s['kind'] === 'video');
  const transport = stats.find((s) => s.type === 'transport');
  const pairs = stats.filter((s) => s.type === 'candidate-pair');
  const pair = pairs.find((s) => s.id === transport?.['selectedCandidatePairId']) ?? pairs.find((s) => s['nominated'] && s['state'] === 'succeeded'); // Firefox has no transports
  if (!video || !pair) return undefined;
  const byID = (id: unknown) => stats.find((s) => s.id === id);
  const number = (v: unknown) => (typeof v === 'number' ? v : 0);
  const bytes = number(video['bytesReceived']);
  const at = number(video['timestamp']);
  const last = before.get(pc);
  if (!last || at > last.at) before.set(pc, { bytes, at });
  const lost = Math.max(0, number(video['packetsLost']));
  return {
    width: number(video['frameWidth']),
    height: number(video['frameHeight']),
    framesPerSecond: number(video['framesPerSecond']),
    kilobitsPerSecond: last && at > last.at ? (8 * (bytes - last.bytes)) / (at - last.at) : NaN,
    roundTrip: typeof pair['currentRoundTripTime'] === 'number' ? 1000 * pair['currentRoundTripTime'] : NaN,
    loss: lost / Math.max(1, lost + number(video['packetsReceived'])),
    codec: String(byID(video['codecId'])?.['mimeType'] ?? '').replace(/^video\//, ''),
    path: pathOf(byID(pair['localCandidateId']), byID(pair['remoteCandidateId'])),
    framesDecoded: number(video['framesDecoded']),
  };
}

function pathOf(local?: Stat, remote?: Stat): Figures['path'] {
  if (local?.['candidateType'] === 'relay') return (local['relayProtocol'] as Figures['path']) ?? 'udp';
  return remote?.['candidateType'] === 'relay' ? 'udp' : 'direct';
}
