// Tries one way to a relay: two connections of this page that may use nothing
// else have to reach each other.

const PATIENCE = 10_000; // ms

export interface Trial {
  url: string;
  ok: boolean;
  /** Until something came through; milliseconds. */
  took: number;
  /** What the browser says where it failed; may be ''. */
  error: string;
}

/** What is given to each of both ends. */
export type Ends = [RTCIceServer, RTCIceServer];

/** Tries a relay by one of its addresses. */
export async function tryRelay(url: string, ends: Ends): Promise<Trial> {
  const [one, other] = ends.map((server) => new RTCPeerConnection({ iceServers: [{ ...server, urls: [url] }], iceTransportPolicy: 'relay' })) as [RTCPeerConnection, RTCPeerConnection];
  let error = '';
  const began = performance.now();
  try {
    const heard = new Promise<boolean>((done) => {
      other.ondatachannel = (e) => (e.channel.onmessage = () => done(true));
      setTimeout(() => done(false), PATIENCE);
    });
    one.onicecandidate = (e) => void (e.candidate && other.addIceCandidate(e.candidate).catch(() => undefined));
    other.onicecandidate = (e) => void (e.candidate && one.addIceCandidate(e.candidate).catch(() => undefined));
    one.onicecandidateerror = other.onicecandidateerror = (e) => (error = `${e.errorCode} ${e.errorText}`.trim());
    const channel = one.createDataChannel('trial');
    channel.onopen = () => channel.send('hello');
    await one.setLocalDescription();
    await other.setRemoteDescription(one.localDescription!);
    await other.setLocalDescription();
    await one.setRemoteDescription(other.localDescription!);
    const ok = await heard;
    return { url, ok, took: performance.now() - began, error: ok ? '' : error };
  } catch (e) {
    return { url, ok: false, took: performance.now() - began, error: (e as Error).message };
  } finally {
    one.close();
    other.close();
  }
}

/** Asks a STUN server for this browser's address as the outside sees it; '' where there is no answer. */
export async function seenAs(url: string): Promise<string> {
  const pc = new RTCPeerConnection({ iceServers: [{ urls: [url] }] });
  try {
    const found = new Promise<string>((done) => {
      pc.onicecandidate = (e) => {
        if (!e.candidate) done('');
        else if (e.candidate.type === 'srflx') done(e.candidate.address ?? '');
      };
      setTimeout(() => done(''), PATIENCE);
    });
    pc.createDataChannel('trial');
    await pc.setLocalDescription();
    return await found;
  } finally {
    pc.close();
  }
}
