// Mail scanners, link previews and prefetching browsers open links. None of
// them uses a key up; only a person's own act does.

import { expect, test } from './test';

test('whatever only loads the page leaves the key usable', async ({ ada, newBrowser, arrive }) => {
  const session = await ada.startSession();
  const { link } = session.card;
  const plain = (await newBrowser()).request;
  expect((await plain.get(link, { headers: { 'User-Agent': 'Mozilla/5.0 (compatible; SafeLinks/1.0)' } })).status()).toBe(200);
  expect((await plain.head(link)).status()).toBe(200);
  expect((await plain.get(link, { headers: { 'Sec-Purpose': 'prefetch;prerender', Purpose: 'prefetch' } })).status()).toBe(200);
  const scanner = await arrive(link);
  await scanner.page.waitForLoadState('networkidle');
  expect(await session.events('arrived')).toHaveLength(0);
  const user = await arrive(link);
  await user.start();
  expect(await session.events('arrived')).toHaveLength(1);
});

test('a scanner that presses and fills in everything by script does not join', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const scanner = await arrive(session.card.link);
  const posts: string[] = [];
  scanner.page.on('request', (r) => r.method() === 'POST' && posts.push(r.url()));
  await scanner.page.evaluate(() => {
    document.querySelector<HTMLTextAreaElement>('textarea')!.value = 'I am a robot';
    for (const button of document.querySelectorAll('button')) button.click();
    for (const form of document.querySelectorAll('form')) form.requestSubmit();
    const enter = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true });
    document.querySelector('textarea')!.dispatchEvent(enter);
  });
  await scanner.page.waitForLoadState('networkidle');
  expect(posts).toEqual([]);
  expect(await session.events('arrived')).toHaveLength(0);
  await (await arrive(session.card.link)).start();
});
