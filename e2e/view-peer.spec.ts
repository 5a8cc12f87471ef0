// The agent's end of a view is not ours: a program in Go, with another WebRTC,
// by what the documentation of the protocol says; at first it is hostile.

import { execFileSync, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { agree, bar, card, test } from './sharing';
import { expect } from './test';

const root = resolve(import.meta.dirname, '..');

test('an agent’s page of another make sees the picture, after all that it says to confuse the end-user’s', async ({ ada, meet }) => {
  const { session, tab, user } = await meet();
  const broken: Error[] = [];
  user.page.on('pageerror', (e) => broken.push(e));
  await tab.close();

  const [cookie] = await ada.context.cookies();
  const program = join(root, '.cache', 'peer');
  execFileSync('go', ['build', '-o', program, './e2e/peer'], { cwd: root });
  const peer = spawn(program, ['-server', ada.server.url, '-session', session.id, '-cookie', `${cookie!.name}=${cookie!.value}`, '-hostile', '2000']);
  const knows: { said?: number; code?: string; packets?: number } = {};
  createInterface(peer.stdout).on('line', (line) => Object.assign(knows, JSON.parse(line)));
  let complaint = '';
  peer.stderr.on('data', (text) => (complaint += text));
  try {
    await session.ask('ask-view');
    await agree(user.page, 'Share my screen');
    await expect(bar(user.page)).toBeVisible();
    await expect.poll(() => complaint || knows.said, { timeout: 60_000 }).toBe(2000);
    await expect.poll(() => complaint || (knows.packets ?? 0) > 64, { timeout: 60_000 }).toBe(true);
    await bar(user.page).getByText('Who is it really?').click();
    await expect(bar(user.page).locator('.code')).toHaveText(knows.code!);
    expect(broken).toEqual([]);

    await user.sayStored('The chat goes on');
    await bar(user.page).getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(bar(user.page)).toBeHidden();
    await expect(card(user.page)).toBeHidden();
  } finally {
    peer.stdin.end();
  }
});
