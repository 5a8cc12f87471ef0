// What two pages say to each other to connect, through the server: it sees
// it, and can't tell the pages apart from itself. So what comes is checked,
// and code.ts lets people check who is at the other end.

/** One thing that a page says. */
export type Says =
  /** The agent's page wants to be connected; seal is its commitment (code.ts). */
  | { k: 'hello'; page: string; seal: string }
  /** A description of the connection (RFC 9429), with the sender's nonce. */
  | { k: 'sdp'; page: string; link: string; nonce: string; sdp: { type: 'offer' | 'answer'; sdp: string } }
  /** A candidate (RFC 8838); an empty one ends them. */
  | { k: 'ice'; page: string; link: string; ice: RTCIceCandidateInit }
  /** Another page of the same agent took over. */
  | { k: 'bye'; page: string };

const text = (v: unknown, most: number): v is string => typeof v === 'string' && v.length > 0 && v.length <= most;

/** Reads what another page said; undefined for what makes no sense. */
export function heard(said: string): Says | undefined {
  let v: Partial<Record<string, unknown>>;
  try {
    v = JSON.parse(said);
  } catch {
    return undefined;
  }
  if (typeof v !== 'object' || v === null || !text(v['page'], 64)) return undefined;
  const { k, page } = v as { k: unknown; page: string };
  const link = v['link'];
  switch (k) {
    case 'hello':
      return text(v['seal'], 64) ? { k, page, seal: v['seal'] } : undefined;
    case 'bye':
      return { k, page };
    case 'sdp': {
      const d = v['sdp'] as { type?: unknown; sdp?: unknown } | null;
      if (!text(link, 64) || !text(v['nonce'], 64) || typeof d !== 'object' || !text(d?.sdp, 32 << 10)) return undefined;
      if (d.type !== 'offer' && d.type !== 'answer') return undefined;
      return { k, page, link, nonce: v['nonce'], sdp: { type: d.type, sdp: d.sdp } };
    }
    case 'ice': {
      const c = v['ice'] as RTCIceCandidateInit | null;
      if (!text(link, 64) || typeof c !== 'object' || c === null || typeof c.candidate !== 'string' || c.candidate.length > 1024) return undefined;
      const { candidate, sdpMid = null, sdpMLineIndex = null, usernameFragment } = c;
      return { k, page, link, ice: { candidate, sdpMid, sdpMLineIndex, usernameFragment } };
    }
  }
  return undefined;
}
