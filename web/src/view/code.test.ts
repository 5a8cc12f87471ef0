import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, fingerprintOf, sealOf } from './code';

const agent = { fingerprint: 'sha-256 aa:bb', nonce: '01' };
const guest = { fingerprint: 'sha-256 cc:dd', nonce: '02' };

test('both pages make the same six digits, and others of anything else', async () => {
  const code = await codeOf(agent, guest);
  assert.match(code, /^\d{3} \d{3}$/);
  assert.equal(await codeOf({ ...agent }, { ...guest }), code);
  for (const other of [
    await codeOf(guest, agent), await codeOf({ ...agent, fingerprint: 'sha-256 aa:bc' }, guest), await codeOf(agent, { ...guest, nonce: '03' }),
  ]) {
    assert.notEqual(other, code);
  }
});

test('a seal fits one certificate and nonce', async () => {
  const seal = await sealOf('sha-256 aa:bb', '01');
  assert.match(seal, /^[0-9a-f]{64}$/);
  assert.equal(await sealOf('sha-256 aa:bb', '01'), seal);
  assert.notEqual(await sealOf('sha-256 aa:bb', '02'), seal);
  assert.notEqual(await sealOf('sha-256 aa:bc', '01'), seal);
});

test('a description has one fingerprint, or none that counts', () => {
  assert.equal(fingerprintOf('v=0\r\na=fingerprint:SHA-256 AA:BB\r\nm=video\r\na=fingerprint:sha-256 aa:bb\r\n'), 'sha-256 aa:bb');
  assert.equal(fingerprintOf('v=0\r\na=fingerprint:sha-256 AA:BB\r\na=fingerprint:sha-256 CC:DD\r\n'), '');
  assert.equal(fingerprintOf('v=0\r\n'), '');
});
