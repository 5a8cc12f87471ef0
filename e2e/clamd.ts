// ClamAV's own clamd, with one signature of the test's own.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server';

/** What the signature finds. */
export const threat = 'DESKSIDE-TEST-THREAT-0f1c';

export interface Clamd {
  address: string;
  stop(): void;
}

export async function startClamd(): Promise<Clamd> {
  const folder = mkdtempSync(join(tmpdir(), 'deskside-clamd-'));
  const port = await freePort();
  writeFileSync(join(folder, 'test.ndb'), `Deskside.Test.Threat:0:*:${Buffer.from(threat).toString('hex')}\n`);
  writeFileSync(join(folder, 'clamd.conf'), [
    'Foreground yes', `DatabaseDirectory ${folder}`, 'TCPAddr 127.0.0.1', `TCPSocket ${port}`, 'AlertExceedsMax yes', '',
  ].join('\n'));
  const daemon = spawn('/usr/sbin/clamd', ['--config-file', join(folder, 'clamd.conf')]);
  let said = '';
  for (const pipe of [daemon.stdout, daemon.stderr]) pipe.on('data', (text) => (said += text));
  while (!(await listens(port))) {
    if (daemon.exitCode !== null) throw new Error(`clamd did not start:\n${said}`);
    await new Promise((again) => setTimeout(again, 50));
  }
  return {
    address: `tcp://127.0.0.1:${port}`,
    stop: () => {
      daemon.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
