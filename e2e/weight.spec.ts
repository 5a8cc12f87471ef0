// What the end-user's browser loads before it can chat.

import { expect, test } from './test';

const MOST = 14_336; // bytes on the wire: what a server sends in its first round trip

test('one small response is all it takes to chat', async ({ ada, newBrowser }) => {
  const session = await ada.startSession();
  const context = await newBrowser();
  const page = await context.newPage();
  const later: string[] = [];
  await page.route('**/assets/**', (route) => {
    later.push(route.request().url());
    return route.abort(); // whatever else there is never comes
  });
  const wire = await context.newCDPSession(page);
  const addresses = new Map<string, string>();
  let bytes = 0;
  await wire.send('Network.enable');
  wire.on('Network.requestWillBeSent', (e) => addresses.set(e.requestId, e.request.url));
  wire.on('Network.loadingFinished', (e) => addresses.get(e.requestId) === session.card.link && (bytes += e.encodedDataLength));
  await page.goto(session.card.link);
  await page.getByRole('textbox', { name: 'Message' }).fill('Hello'); // nothing more is needed to write
  await expect.poll(() => bytes).toBeGreaterThan(1000);
  expect(bytes).toBeLessThanOrEqual(MOST);
  await expect.poll(() => later.length).toBeGreaterThan(0); // the rest is asked for after the page
  const before = [...addresses.values()].filter((url) => !url.startsWith('data:') && !later.includes(url));
  expect(before).toEqual([session.card.link]);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').locator('.text')).toHaveText(['Hello']);
  await expect.poll(() => session.texts()).toEqual(['Hello']);
});
