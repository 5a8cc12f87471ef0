// Files in the conversation, as the agent sends and gets them in the Console.

import type { Locator, Page } from '@playwright/test';
import { type Agent, inConsole, type Session } from './agent';
import type { EndUser } from './enduser';
import { expect, test } from './test';

interface Given {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

function text(name: string, content: string, mimeType = 'text/plain'): Given {
  return { name, mimeType, buffer: Buffer.from(content) };
}

/** A bubble with a file, on either side. */
function bubble(page: Page, name: string): Locator {
  return page.getByRole('log').locator('.msg', { hasText: name });
}

async function attach(page: Page, ...files: Given[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles(files);
}

/** Drops files on the page, or pastes them into the Message field. */
async function give(page: Page, how: 'drop' | 'paste', files: Given[]): Promise<void> {
  const content = files.map((f) => ({ ...f, buffer: f.buffer.toString('base64') }));
  await inConsole(page).message.evaluate((field, { how, content }) => {
    const data = new DataTransfer();
    for (const { name, mimeType, buffer } of content) {
      data.items.add(new File([Uint8Array.from(atob(buffer), (c) => c.charCodeAt(0))], name, { type: mimeType }));
    }
    const event = { bubbles: true, cancelable: true };
    field.dispatchEvent(how === 'drop' ? new DragEvent('drop', { ...event, dataTransfer: data }) : new ClipboardEvent('paste', { ...event, clipboardData: data }));
  }, { how, content });
}

async function slowly(page: Page, bytesPerSecond: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond });
}

/** A session with both sides in their pages. */
async function meeting(ada: Agent, arrive: (url: string) => Promise<EndUser>): Promise<{ session: Session; tab: Page; user: EndUser }> {
  const tab = await ada.startInTab(await ada.support());
  const session = await ada.sessionOf(tab);
  const user = await arrive(session.card.link);
  await user.start();
  await expect(tab.getByRole('button', { name: 'Attach files' })).toBeEnabled();
  return { session, tab, user };
}

test('the agent pastes a screenshot, and the end-user sees it', async ({ ada, arrive }) => {
  const { tab, user } = await meeting(ada, arrive);
  const screenshot = await tab.screenshot();
  await give(tab, 'paste', [{ name: 'image.png', mimeType: 'image/png', buffer: screenshot }]);
  for (const page of [tab, user.page]) {
    const shown = bubble(page, 'Picture').getByRole('button', { name: /^Show Picture .* large$/ });
    await expect.poll(() => shown.locator('img').evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(320);
    await shown.click();
    const large = page.getByRole('dialog', { name: /^Picture / });
    await expect.poll(() => large.locator('img').evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(1280);
    await page.keyboard.press('Escape');
    await expect(large).toBeHidden();
    await expect(shown).toBeFocused();
  }
});

test('both see how far a file is, and either side cancels it', async ({ ada, arrive }) => {
  const { session, tab, user } = await meeting(ada, arrive);
  for (const page of [tab, user.page]) await slowly(page, 200_000);
  const large = (name: string) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(4_000_000, name) });
  await attach(tab, large('agent-1.bin'), large('agent-2.bin'));
  await attach(user.page, large('guest-1.bin'), large('guest-2.bin'));
  for (const page of [tab, user.page]) {
    for (const name of ['agent-1.bin', 'guest-1.bin']) {
      await expect(bubble(page, name), 'bytes, rate and time').toContainText(/ of 4 MB · .*\/s · .* left/);
      await expect(bubble(page, name).getByRole('progressbar')).toHaveJSProperty('max', 4_000_000);
    }
  }
  await tab.getByRole('button', { name: 'End session' }).click();
  await expect(tab.getByRole('dialog')).toContainText('4 files are still on the way');
  await tab.keyboard.press('Escape');
  await tab.getByRole('button', { name: 'Cancel: agent-1.bin' }).click();
  await tab.getByRole('button', { name: 'Cancel: guest-1.bin' }).click();
  await user.page.getByRole('button', { name: 'Cancel: agent-2.bin' }).click();
  await user.page.getByRole('button', { name: 'Cancel: guest-2.bin' }).click();
  for (const page of [tab, user.page]) {
    for (const name of ['agent-1.bin', 'agent-2.bin', 'guest-1.bin', 'guest-2.bin']) await expect(bubble(page, name)).toContainText('Cancelled.');
  }
  expect((await session.events('file-moved')).map((e) => e.data.state)).toEqual(Array(4).fill('cancelled'));
});

test('hostile files run nowhere', async ({ server, ada, arrive }) => {
  const { session, tab, user } = await meeting(ada, arrive);
  const script = '<script>document.title = "taken over"; alert(1)</script>';
  const files = [
    text('page.html', `<!doctype html>${script}`, 'text/html'),
    text('drawing.svg', `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${script}</svg>`, 'image/svg+xml'),
    text('Rechnung\u202Efdp.html', script, 'application/pdf'),
  ];
  await attach(user.page, ...files);
  await expect(bubble(tab, 'Rechnungfdp.html')).toBeVisible();
  const dialogs: string[] = [];
  const strange = await ada.context.newPage();
  for (const page of [tab, strange]) page.on('dialog', (d) => void (dialogs.push(d.message()), d.dismiss()));
  for (const name of ['page.html', 'drawing.svg', 'Rechnungfdp.html']) {
    const saved = tab.waitForEvent('download');
    await bubble(tab, name).getByRole('link', { name: `Download: ${name}` }).click();
    expect((await saved).suggestedFilename()).toBe(name);
  }
  for (const { data } of await session.events('file')) {
    const address = `${server.url}/api/sessions/${session.id}/files/${data.file}`;
    const opened = strange.waitForEvent('download');
    await strange.goto(address).catch(() => undefined); // it is a download
    await opened;
    await strange.setContent(`<iframe src="${address}"></iframe><img src="${address}"><object data="${address}"></object>`);
    expect(await strange.title()).not.toBe('taken over');
  }
  expect(dialogs).toEqual([]);
});

test('what is dropped goes, a large one is told before, and History keeps both sides’ files', async ({ server, ada, arrive }) => {
  const { session, tab } = await meeting(ada, arrive);
  await give(tab, 'drop', [text('guide.txt', 'Step 1'), text('empty.txt', '')]);
  await expect(tab.getByRole('link', { name: 'Download: guide.txt' })).toBeVisible();
  await expect(tab.getByRole('link', { name: 'Download: empty.txt' })).toBeVisible();
  await tab.route('**/uploads', (route) => (route.request().method() === 'GET'
    ? route.fulfill({ json: { mostEach: 3, mostSession: 100, used: 0, allow: [], deny: [], off: false } }) : route.continue()));
  await attach(tab, text('four.txt', 'four'));
  await expect(tab.locator('.refusals')).toContainText('was not sent: a file may have 3 bytes at most.');
  await tab.getByRole('button', { name: 'Close the note about four.txt' }).click();
  await expect(inConsole(tab).message).toBeFocused();
  await session.ask('end');
  await tab.goto(`${server.url}/history/${session.id}`);
  const saved = tab.waitForEvent('download');
  await tab.getByRole('link', { name: 'Download: guide.txt' }).click();
  expect((await saved).suggestedFilename()).toBe('guide.txt');
  await expect(tab.getByRole('button', { name: 'Attach files' })).toHaveCount(0);
});
