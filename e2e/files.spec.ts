// Files in the conversation, as the end-user sends and gets them.

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Locator } from '@playwright/test';
import type { Agent, Session } from './agent';
import type { EndUser } from './enduser';
import { expect, test } from './test';

interface Given {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** A picture of 2 × 1 pixels. */
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGPgSiu48+EDAAllA513ZTlOAAAAAElFTkSuQmCC', 'base64');

function text(name: string, content: string): Given {
  return { name, mimeType: 'text/plain', buffer: Buffer.from(content) };
}

/** Bytes that are not all the same. */
function bytes(name: string, length: number): Given {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7919) >> 5)) };
}

function sum(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A bubble with a file. */
function bubble(user: EndUser, name: string): Locator {
  return user.conversation.locator('.msg', { has: user.page.locator('.filename', { hasText: name }) });
}

/** Says why a file was not sent. */
function note(user: EndUser, name: string): Locator {
  return user.page.locator('.refusals p', { hasText: name });
}

/** Drops or pastes files: the page sees no difference to a hand that does. */
async function give(user: EndUser, how: 'drop' | 'paste', files: Given[]): Promise<void> {
  await user.page.evaluate(([how, files]) => {
    const data = new DataTransfer();
    for (const { name, mimeType, content } of files) {
      data.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name, { type: mimeType }));
    }
    const about = { bubbles: true, cancelable: true };
    if (how === 'paste') document.getElementById('text')!.dispatchEvent(new ClipboardEvent('paste', { ...about, clipboardData: data }));
    else for (const type of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(type, { ...about, dataTransfer: data }));
  }, [how, files.map((f) => ({ name: f.name, mimeType: f.mimeType, content: f.buffer.toString('base64') }))] as const);
}

/** Puts a file on the disk, where it keeps its time of change. */
async function stored(folder: string, file: Given): Promise<string> {
  const path = test.info().outputPath(folder, file.name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, file.buffer);
  return path;
}

/** Chooses files by the button. */
async function attach(user: EndUser, ...files: Given[] | string[]): Promise<void> {
  const chooser = user.page.waitForEvent('filechooser');
  await user.page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles(files as Given[]); // as paths too
}

/** Makes the end-user's line so slow that an upload can be watched. */
async function slowly(user: EndUser, bytesPerSecond: number): Promise<void> {
  const cdp = await user.context.newCDPSession(user.page);
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond });
}

/** Sends a file as the agent, by the API; returns its id. */
async function agentOffers(ada: Agent, session: Session, file: Given, whole = true): Promise<string> {
  const base = `${ada.server.url}/api/sessions/${session.id}/uploads`;
  const tus = { 'Tus-Resumable': '1.0.0' };
  const about = `filename ${Buffer.from(file.name).toString('base64')},filetype ${Buffer.from(file.mimeType).toString('base64')}`;
  const made = await ada.context.request.post(base, { headers: { ...tus, 'Upload-Length': `${file.buffer.length}`, 'Upload-Metadata': about } });
  expect(made.status(), await made.text()).toBe(201);
  const address = ada.server.url + made.headers()['location']!;
  if (whole) {
    const sent = await ada.context.request.patch(address, {
      headers: { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' }, data: file.buffer,
    });
    expect(sent.status(), await sent.text()).toBe(204);
  }
  return address.split('/').at(-1)!;
}

/** What became of a session's files, by their names. */
async function ends(session: Session): Promise<Record<string, string>> {
  const moves = await session.events('file-moved');
  const last = (file: string) => moves.findLast((m) => m.data.file === file)?.data;
  const offers = await session.events('file');
  return Object.fromEntries(offers.map(({ data }) => [data.name, last(data.file)?.sha256 ?? last(data.file)?.state ?? 'offered']));
}

async function chatting(ada: Agent, arrive: (url: string) => Promise<EndUser>): Promise<{ session: Session; user: EndUser }> {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  await expect(user.page.getByRole('button', { name: 'Attach files' })).toBeVisible();
  return { session, user };
}

test('three dropped files arrive whole, whatever their names try', async ({ ada, arrive }) => {
  const { session, user } = await chatting(ada, arrive);
  const files = [{ name: 'shot.png', mimeType: 'image/png', buffer: png }, text('photo\u202Egnp.txt', 'Grüße'), text('empty.txt', '')];
  await give(user, 'drop', files);
  await expect(user.page.getByText('Drop files here')).toBeHidden();
  await expect.poll(() => ends(session)).toEqual({ 'shot.png': sum(png), 'photognp.txt': sum(Buffer.from('Grüße')), 'empty.txt': sum(Buffer.from('')) });
  for (const name of ['shot.png', 'photognp.txt', 'empty.txt']) {
    await expect(bubble(user, name).getByRole('link', { name: `Download: ${name}` })).toBeVisible();
  }
  await expect(bubble(user, 'photognp.txt')).toContainText(`SHA-256 ${sum(Buffer.from('Grüße')).slice(0, 8)}`);
  const shot = bubble(user, 'shot.png');
  await expect.poll(() => shot.locator('img').evaluate((i: HTMLImageElement) => i.naturalWidth)).toBeGreaterThan(0);
  await shot.getByRole('button', { name: 'Show shot.png large' }).press('Enter');
  const large = user.page.getByRole('dialog', { name: 'shot.png' });
  await expect.poll(() => large.locator('img').evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(2);
  await user.page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  await expect(shot.getByRole('button', { name: 'Show shot.png large' })).toBeFocused();
});

test('a pasted picture gets a name of its own', async ({ ada, arrive }) => {
  const { session, user } = await chatting(ada, arrive);
  await give(user, 'paste', [{ name: 'image.png', mimeType: 'image/png', buffer: png }]);
  await expect.poll(async () => Object.values(await ends(session))).toEqual([sum(png)]);
  expect(Object.keys(await ends(session))[0]).toMatch(/^Picture \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/);
});

test.describe('limits', () => {
  test.use({ settings: ['--file-size', '1KB', '--file-types-denied', '.exe'] });

  test('what may not be sent is told before it is', async ({ ada, arrive }) => {
    const { session, user } = await chatting(ada, arrive);
    await attach(user, bytes('large.bin', 1500), text('tool.exe', 'MZ'), text('fits.txt', 'Hi'));
    await expect(note(user, 'large.bin')).toContainText('was not sent: a file may have 1 kB at most.');
    const refused = note(user, 'tool.exe');
    await expect(refused).toContainText('was not sent: files of this type can’t be sent here.');
    await expect.poll(() => ends(session)).toEqual({ 'fits.txt': sum(Buffer.from('Hi')) });
    await user.page.getByRole('button', { name: 'Close the note about tool.exe' }).click();
    await expect(refused).toBeHidden();
    await expect(user.message).toBeFocused();
  });
});

test.describe('switched off', () => {
  test.use({ settings: ['--files-from', 'agents'] });

  test('who may send nothing has no button for it', async ({ ada, arrive }) => {
    const session = await ada.startSession();
    const user = await arrive(session.card.link);
    await user.start();
    await expect(user.page.getByRole('button', { name: 'Emoji' })).toBeVisible();
    await expect(user.page.getByRole('button', { name: 'Attach files' })).toBeHidden();
    await give(user, 'drop', [text('note.txt', 'Hi')]);
    await expect(note(user, 'note.txt')).toContainText('files can’t be sent from here');
  });
});

test('either side cancels', async ({ ada, arrive }) => {
  const { session, user } = await chatting(ada, arrive);
  await slowly(user, 100_000);
  await attach(user, bytes('mine.bin', 3_000_000), bytes('also-mine.bin', 3_000_000));
  const mine = bubble(user, 'mine.bin').first();
  await expect(mine.getByRole('progressbar', { name: 'How much of mine.bin is there' })).toBeVisible();
  await expect(mine).toContainText(/\/s · .* left/);
  await user.page.getByRole('button', { name: 'End chat' }).click();
  await expect(user.page.getByRole('dialog')).toContainText('2 files are still on the way');
  await user.page.keyboard.press('Escape');
  await mine.getByRole('button', { name: 'Cancel: mine.bin' }).click();
  await expect(mine).toContainText('Cancelled.');
  const file = (await session.events('file')).find((e) => e.data.name === 'also-mine.bin')!.data.file;
  const address = `${ada.server.url}/api/sessions/${session.id}/uploads/${file}`;
  expect((await ada.context.request.delete(address, { headers: { 'Tus-Resumable': '1.0.0' } })).status()).toBe(204);
  await expect(bubble(user, 'also-mine.bin')).toContainText('Cancelled.');
  await agentOffers(ada, session, bytes('theirs.bin', 1000), false);
  await bubble(user, 'theirs.bin').getByRole('button', { name: 'Cancel: theirs.bin' }).click();
  await expect.poll(() => ends(session)).toEqual({ 'mine.bin': 'cancelled', 'also-mine.bin': 'cancelled', 'theirs.bin': 'cancelled' });
});

test('after a reload the same file goes on from where it stopped', async ({ ada, arrive }) => {
  const { session, user } = await chatting(ada, arrive);
  await slowly(user, 300_000);
  const file = bytes('backup.bin', 2_000_000);
  const path = await stored('first', file);
  await attach(user, path);
  await expect(bubble(user, 'backup.bin')).toContainText(/\/s · .* left/);
  user.page.once('dialog', (leave) => void leave.accept());
  await user.page.reload();
  const lost = bubble(user, 'backup.bin');
  await expect(lost).toContainText('Choose the same file');
  const offsets: number[] = [];
  user.page.on('request', (r) => r.method() === 'PATCH' && offsets.push(Number(r.headers()['upload-offset'])));
  await slowly(user, -1);
  for (const picked of [await stored('other', bytes('backup.bin', 1_999_999)), path]) {
    const chooser = user.page.waitForEvent('filechooser');
    await lost.getByRole('button', { name: 'Choose the file again' }).click();
    await (await chooser).setFiles(picked);
    if (picked !== path) await expect(note(user, 'backup.bin')).toContainText('is not the file that was on its way');
  }
  await expect.poll(() => ends(session)).toEqual({ 'backup.bin': sum(file.buffer) });
  expect(offsets).toHaveLength(1);
  expect(offsets[0]).toBeGreaterThan(0);
});

test('what the agent sends is downloaded, and stays so after the end', async ({ ada, arrive }) => {
  const { session, user } = await chatting(ada, arrive);
  const file = text('Anleitung für Sie.txt', 'Step 1');
  await agentOffers(ada, session, file);
  const download = async (link: Locator) => {
    const saved = user.page.waitForEvent('download');
    await link.click();
    expect((await saved).suggestedFilename()).toBe(file.name);
    expect(await readFile(await (await saved).path())).toEqual(file.buffer);
  };
  await download(bubble(user, file.name).getByRole('link', { name: `Download: ${file.name}` }));
  await user.end();
  await expect(user.page.getByRole('heading', { name: 'This chat has ended' })).toBeVisible();
  await download(user.page.locator('#over').getByRole('link', { name: file.name }));
  await download(bubble(user, file.name).getByRole('link', { name: `Download: ${file.name}` }));
});
