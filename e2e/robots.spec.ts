// Mail scanners, link previews and prefetching browsers open links, run their
// scripts and press what they find. None of them uses a key up; only a
// person's own act does.

import type { Page } from '@playwright/test';
import { expect, test } from './test';

test('1,000 requests that only load the page leave the key usable', async ({ ada, newBrowser, arrive }) => {
  const session = await ada.startSession();
  const { link } = session.card;
  const plain = (await newBrowser()).request;
  const kinds = [
    () => plain.get(link, { headers: { 'User-Agent': 'Mozilla/5.0 (compatible; SafeLinks/1.0)' } }),
    () => plain.head(link),
    () => plain.get(link, { headers: { 'Sec-Purpose': 'prefetch;prerender', Purpose: 'prefetch' } }),
    () => plain.get(`${link}?utm_source=mail&lang=de`),
  ];
  for (let n = 0; n < 1000; n += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => kinds[(n + i) % kinds.length]!()));
    for (const answer of answers) expect(answer.status()).toBe(200);
  }
  expect((await session.log()).map((e) => e.type)).toEqual(['created']);
  const user = await arrive(link);
  await user.start();
  expect(await session.events('arrived')).toHaveLength(1);
});

/** What a scanner without hands can do: everything by script, nothing by a gesture. */
function pressEverything(): void {
  const write = (field: HTMLTextAreaElement | HTMLInputElement) => {
    field.value = 'I am a robot';
    for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  };
  for (const field of document.querySelectorAll<HTMLTextAreaElement>('textarea, input')) write(field);
  for (const button of document.querySelectorAll<HTMLElement>('button, [role=button], summary')) {
    button.click();
    for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'touchend']) button.dispatchEvent(new MouseEvent(type, { bubbles: true }));
    button.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true }));
  }
  for (const form of document.querySelectorAll('form')) form.requestSubmit();
}

async function visit(page: Page, link: string, until: number): Promise<void> {
  await page.goto(link, { waitUntil: 'networkidle' });
  while (Date.now() < until) {
    await page.evaluate(pressEverything).catch(() => undefined); // a form may have led elsewhere
    await page.waitForTimeout(1000);
    if (page.url() !== link) await page.goto(link).catch(() => undefined);
  }
}

test('scanners that run scripts and press everything for a minute leave the session as it was, and then a person joins', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const dead = await ada.startSession();
  await dead.ask('revoke');
  const until = Date.now() + 60_000;
  const posts: string[] = [];
  await Promise.all([session, session, dead].map(async ({ card }) => {
    const scanner = await arrive('about:blank');
    scanner.page.on('request', (r) => r.method() === 'POST' && posts.push(r.url()));
    await visit(scanner.page, card.link, until);
  }));
  expect(posts).toEqual([]);
  expect((await session.log()).map((e) => e.type)).toEqual(['created']);
  expect((await dead.log()).map((e) => e.type)).toEqual(['created', 'key-revoked']);
  const user = await arrive(session.card.link);
  await user.start();
  await user.sayStored('I am a person');
  expect(await session.texts()).toEqual(['I am a person']);
});
