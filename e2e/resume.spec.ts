// A large file arrives whole, whatever happens on its way, and a scanner has
// the last word.

import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { startClamd, threat } from './clamd';
import { Server } from './server';
import { Agent } from './agent';
import { EndUser } from './enduser';
import { expect, test } from './test';

const MB = 1_000_000;

/** A file of random bytes. */
function largeFile(megabytes: number): { path: string; sha256: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'deskside-file-'));
  const path = join(folder, 'large.bin');
  const hash = createHash('sha256');
  writeFileSync(path, '');
  for (let i = 0; i < megabytes; i++) {
    const piece = randomBytes(MB);
    hash.update(piece);
    appendFileSync(path, piece);
  }
  return { path, sha256: hash.digest('hex'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Where each request with bytes began, and what the server said before it how many it had. */
function watchUpload(page: Page): { begun: number[]; told: number[] } {
  const seen = { begun: [] as number[], told: [0] };
  page.on('request', (r) => {
    if (r.method() === 'PATCH') seen.begun.push(Number(r.headers()['upload-offset']));
  });
  page.on('response', (r) => {
    const offset = r.headers()['upload-offset'];
    if (offset) seen.told.push(Number(offset));
  });
  return seen;
}

async function slowDown(page: Page, bytesPerSecond: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond });
}

async function choose(page: Page, button: string, path: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).click();
  await (await chooser).setFiles(path);
}

test('300 MB arrive whole though the server is killed twice and the page loaded anew', async ({ server, ada, arrive }) => {
  const file = largeFile(300);
  try {
    const session = await ada.startSession();
    const user = await arrive(session.card.link);
    await user.start();
    await slowDown(user.page, 30 * MB);
    const upload = watchUpload(user.page);
    await choose(user.page, 'Attach files', file.path);
    const progress = user.page.getByRole('progressbar');
    const reached = (part: number) => expect.poll(async () => progress.evaluate((p: HTMLProgressElement) => p.position), { timeout: 60_000 }).toBeGreaterThan(part);
    for (const part of [0.2, 0.45]) {
      await reached(part);
      await server.kill();
      await expect(user.page.getByText('Connection lost')).toBeVisible();
      await server.launch();
    }
    await reached(0.7);
    user.page.once('dialog', (d) => void d.accept());
    await user.page.reload();
    await choose(user.page, 'Choose the file again', file.path);
    await expect.poll(async () => (await session.events('file-moved')).at(-1)?.data, { timeout: 60_000 })
      .toMatchObject({ state: 'arrived', sha256: file.sha256 });
    expect(upload.begun.length).toBeGreaterThanOrEqual(4);
    expect(upload.begun.filter((offset) => !upload.told.includes(offset)), 'each goes on where the server is').toEqual([]);
    expect(upload.begun.toSorted((a, b) => a - b), 'none goes back').toEqual(upload.begun);
    const [offered] = await session.events('file');
    const got = await ada.context.request.get(`${server.url}/api/sessions/${session.id}/files/${offered!.data.file}`, { timeout: 60_000 });
    expect(createHash('sha256').update(await got.body()).digest('hex')).toBe(file.sha256);
  } finally {
    file.remove();
  }
});

test('what a scanner finds is never handed out, and both are told', async ({ newBrowser }) => {
  const clamd = await startClamd();
  const server = await Server.start(['Ada'], ['--scanner', clamd.address]);
  try {
    const ada = await new Agent(await newBrowser(), server, 'Ada').signIn();
    const session = await ada.startSession();
    const user = await EndUser.arrive(await newBrowser(), session.card.link);
    await user.start();
    const tab = await ada.context.newPage();
    await tab.goto(`${server.url}/support/${session.id}`);
    const chooser = user.page.waitForEvent('filechooser');
    await user.page.getByRole('button', { name: 'Attach files' }).click();
    await (await chooser).setFiles([
      { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('A letter.') },
      { name: 'gift.txt', mimeType: 'text/plain', buffer: Buffer.from(`A gift: ${threat}`) },
    ]);
    for (const page of [user.page, tab]) {
      await expect(page.getByRole('link', { name: /^Download.*letter\.txt/ })).toBeVisible();
      await expect(page.getByRole('log')).toContainText('Deskside.Test.Threat');
      await expect(page.getByRole('link', { name: /gift\.txt/ })).toHaveCount(0);
    }
    const gift = (await session.events('file')).find((e) => e.data.name === 'gift.txt')!.data.file;
    for (const who of [user.context, ada.context]) {
      const answer = await who.request.get(`${server.url}/api/sessions/${session.id}/files/${gift}`);
      expect(answer.status()).toBe(410);
    }
  } finally {
    await server.remove();
    clamd.stop();
  }
});
