// Consent lives in the end-user's page: whatever the server or an agent's
// page says, nobody is connected whom the person has not allowed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sharing } from './sharing';

const track = () => ({ stop() { this.stopped = true; }, stopped: false, contentHint: '', onended: null });

function stream() {
  const tracks = [track()];
  return { tracks, getTracks: () => tracks, getVideoTracks: () => tracks, getAudioTracks: () => [] };
}

/** A page that counts what it would connect. */
function page() {
  const asked: string[] = [];
  const said: string[] = [];
  class Connection {
    onnegotiationneeded = null;
    createDataChannel() { return {}; }
    createOffer() { return Promise.resolve({ sdp: 'a=fingerprint:sha-256 AA\r\n' }); }
    close() {}
    static generateCertificate() { return Promise.resolve({}); }
  }
  Object.assign(globalThis, { RTCPeerConnection: Connection });
  const sharing = new Sharing({
    servers: () => (asked.push('servers'), Promise.reject(new Error('no connection is made in this test'))),
    say: (agent, text) => said.push(`${agent} ${text}`), changed() {}, marked() {}, lost() {}, ended() {},
  });
  return { sharing, asked, said };
}

const hello = JSON.stringify({ k: 'hello', page: 'p', seal: 's' });

test('who was not allowed is not answered', async () => {
  const { sharing, asked, said } = page();
  await sharing.hear('ada', hello); // nothing is shared
  const shared = stream();
  sharing.begin(shared as unknown as MediaStream);
  await sharing.hear('ada', hello); // something is, but not with her
  assert.deepEqual([asked, said], [[], []]);
  sharing.allow('ada');
  await sharing.hear('eve', hello);
  assert.deepEqual(asked, []);
  await sharing.hear('ada', hello);
  assert.deepEqual(asked, ['servers']);
  sharing.dismiss('ada');
  await sharing.hear('ada', hello);
  assert.deepEqual(asked, ['servers']);
  sharing.stop();
});

test('stopping ends the capture at once, and forgets who was allowed', async () => {
  const { sharing, asked } = page();
  const shared = stream();
  sharing.begin(shared as unknown as MediaStream);
  sharing.allow('ada');
  sharing.stop();
  assert.equal(shared.tracks[0]!.stopped, true);
  assert.deepEqual(sharing.allowed, []);
  sharing.begin(stream() as unknown as MediaStream);
  await sharing.hear('ada', hello); // another time is another consent
  assert.deepEqual(asked, []);
  sharing.stop();
});
