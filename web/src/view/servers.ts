// How to reach the server's relay, as one end of a view.

/** Asks for the relay of a session; rejects where there is no answer. */
export async function relayServers(session: string, as?: 'end-user'): Promise<RTCIceServer[]> {
  const answer = await fetch(`/api/sessions/${session}/relay${as ? `?as=${as}` : ''}`, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`relay: ${answer.status}`);
  return ((await answer.json()) as { iceServers: RTCIceServer[] }).iceServers;
}
