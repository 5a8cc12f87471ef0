// The comparison code: six digits that two people read to each other to learn
// that nobody sits between their browsers, not even the server. It is made of
// the fingerprints of both ends' DTLS certificates (RFC 8122).
//
// Six digits are few: who sits between could try certificates until both codes
// agree. So each end adds a nonce, and the agent's page commits itself to its
// certificate and nonce (the seal) before it knows the other's, as in
// Bluetooth's numeric comparison: then one try has one chance in a million.

/** What a page shows of itself: certificate, its fingerprint, and a nonce. */
export interface Identity {
  certificate: RTCCertificate;
  fingerprint: string;
  nonce: string;
}

/** Makes an identity, for one connection after another; nonces are for one each. */
export async function newIdentity(): Promise<Identity> {
  const certificate = await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams);
  const pc = new RTCPeerConnection({ certificates: [certificate] }); // Firefox tells a certificate's fingerprint nowhere else
  pc.createDataChannel('');
  const offer = await pc.createOffer();
  pc.close();
  return { certificate, fingerprint: fingerprintOf(offer.sdp!), nonce: newNonce() };
}

export function newNonce(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** The fingerprint in a description; '' where there is none, or more than one. */
export function fingerprintOf(sdp: string): string {
  const all = new Set([...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)\s*$/gim)].map((m) => `${m[1]} ${m[2]}`.toLowerCase()));
  return all.size === 1 ? [...all][0]! : '';
}

/** What the agent's page commits itself to. */
export function sealOf(fingerprint: string, nonce: string): Promise<string> {
  return digest('deskside seal', fingerprint, nonce).then(hex);
}

/** The six digits, which both pages make alike. */
export async function codeOf(agent: Pick<Identity, 'fingerprint' | 'nonce'>, endUser: Pick<Identity, 'fingerprint' | 'nonce'>): Promise<string> {
  const sum = await digest('deskside code', agent.fingerprint, agent.nonce, endUser.fingerprint, endUser.nonce);
  const number = new DataView(sum.buffer).getUint32(0) % 1_000_000; // 2³² makes each as likely as the next, but for one in 4,000
  const digits = String(number).padStart(6, '0');
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

async function digest(...parts: string[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(parts))));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}
