// Small screens, large letters, and no mouse.

import type { Page } from '@playwright/test';
import { inConsole } from './agent';
import { expect, test } from './test';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 };
const narrow = { viewport: { width: 320, height: 568 } };
const zoomed = { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 }; // 1280 × 1024 at 400 %

/** Nothing is to be found by scrolling sideways. */
async function fits(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, page.url()).toBeLessThanOrEqual(0);
}

/** The field is within the window once it has the focus, and is not covered. */
async function reachable(page: Page): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Message' });
  await field.focus();
  await expect(field).toBeInViewport({ ratio: 0.9 });
  await field.click();
  await page.keyboard.type('Hi');
  await expect(field).toHaveValue('Hi');
}

const long = 'https://example.org/' + 'a'.repeat(300) + ' and Donaudampfschifffahrtsgesellschaftskapitän '.repeat(4);

test('the button that starts the chat stays where it is while the page loads', async ({ ada, newBrowser }) => {
  const { card: { link } } = await ada.startSession();
  for (const viewport of [{ width: 1280, height: 720 }, { width: 390, height: 844 }, { width: 360, height: 640 }]) {
    const page = await (await newBrowser({ viewport })).newPage();
    let release!: () => void;
    const later = new Promise<void>((done) => (release = done));
    await page.route(/more\b.*\.(js|css)/, async (route) => {
      await later;
      await route.continue();
    });
    await page.goto(link);
    const start = page.getByRole('button', { name: 'Start chat' });
    const before = await start.boundingBox();
    release();
    await expect(page.getByRole('button', { name: 'I don’t know this person' })).toBeVisible();
    expect(await start.boundingBox()).toEqual(before);
  }
});

for (const [name, screen] of [['a phone', phone], ['320 px', narrow], ['400 % zoom', zoomed]] as const) {
  test(`the end-user's side fits ${name}`, async ({ server, ada, arrive }) => {
    const session = await ada.startSession();
    const user = await arrive(session.card.link, screen);
    await fits(user.page);
    await user.start();
    await (await ada.context.newPage()).goto(`${server.url}/support/${session.id}`);
    await expect(user.page.getByText('here now')).toBeVisible();
    for (let i = 0; i < 12; i++) await session.say(`message ${i}`);
    await session.say(long);
    await expect(user.said).toHaveCount(13);
    await fits(user.page);
    await reachable(user.page);
    await user.page.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => session.texts()).toContain('Hi');
    await expect(user.said.last()).toBeInViewport();
    await session.ask('end');
    await expect(user.page.getByRole('heading', { name: 'This chat has ended' })).toBeVisible();
    await fits(user.page);
    await user.page.getByRole('button', { name: 'Good', exact: true }).click();
    await user.page.goto(server.url);
    await fits(user.page);
  });

  test(`the Console fits ${name}`, async ({ server, ada, newBrowser, arrive }) => {
    const context = await newBrowser(screen);
    await context.addCookies(await ada.context.cookies());
    const page = await context.newPage();
    await page.goto(`${server.url}/support`);
    await expect(page.getByRole('button', { name: 'Start remote support session' })).toBeVisible();
    await fits(page);
    const session = await ada.startSession();
    await page.goto(`${server.url}/support/${session.id}`);
    await expect(page.getByText(session.key, { exact: true })).toBeAttached();
    await page.getByRole('button', { name: 'Copy to Clipboard' }).scrollIntoViewIfNeeded();
    await expect(page.getByRole('button', { name: 'Copy to Clipboard' })).toBeInViewport();
    await fits(page);
    const user = await arrive(session.card.link);
    await user.start();
    for (let i = 0; i < 12; i++) await user.say(`message ${i}`);
    await user.say(long);
    await expect(inConsole(page).said).toHaveCount(13);
    await fits(page);
    await reachable(page);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect.poll(() => session.texts()).toContain('Hi');
    await inConsole(page).end.scrollIntoViewIfNeeded();
    await expect(inConsole(page).end).toBeInViewport();
    await page.goto(`${server.url}/history`);
    await fits(page);
  });
}

/** Presses Tab until an element of this name has the focus. */
async function tabTo(page: Page, role: Parameters<Page['getByRole']>[0], name: string): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: true });
  for (let i = 0; i < 60; i++) {
    if (await wanted.evaluateAll((all) => all.includes(document.activeElement as HTMLElement))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${role} ${name}`);
}

test('everything works by keyboard alone, on both sides', async ({ ada, server, newBrowser }) => {
  await ada.context.clearCookies();
  const page = await ada.context.newPage();
  await page.goto(`${server.url}/support`);
  await page.keyboard.type('ada@example.org');
  await tabTo(page, 'textbox', 'Password');
  await page.keyboard.type('correct horse battery');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Start remote support session' })).toBeVisible();
  await tabTo(page, 'button', 'Start remote support session');
  const opened = ada.context.waitForEvent('page');
  await page.keyboard.press('Enter');
  const tab = await opened;
  await expect(tab.getByRole('heading', { name: 'Invite' })).toBeVisible();
  await tabTo(tab, 'button', 'Send SMS');
  await tab.keyboard.press('Enter');
  await expect(tab.getByLabel('Mobile phone number')).toBeFocused();
  await tab.keyboard.press('Escape');
  await expect(tab.getByRole('dialog')).toBeHidden();
  await expect(tab.getByRole('button', { name: 'Send SMS' })).toBeFocused();
  await tabTo(tab, 'button', 'Copy to Clipboard');
  await tab.keyboard.press('Enter');
  await expect(tab.getByRole('button', { name: 'Copied' })).toBeFocused();
  const link = await tab.evaluate(() => navigator.clipboard.readText());

  const user = await (await newBrowser()).newPage();
  await user.goto(link);
  await tabTo(user, 'button', 'Start chat');
  await user.keyboard.press('Enter');
  await expect(user.getByRole('log')).toContainText('You started the chat.');
  await tabTo(user, 'textbox', 'Message');
  await user.keyboard.type('Hello');
  await user.keyboard.press('Enter');
  await expect(inConsole(tab).said).toHaveText(['Hello']);

  await tab.keyboard.press('m'); // nobody types: a single key is enough
  await expect(inConsole(tab).message).toBeFocused();
  await tab.keyboard.type('Good morning');
  await tab.keyboard.press('Enter');
  await expect(user.getByRole('log').locator('.text')).toHaveText(['Hello', 'Good morning']);
  await tabTo(tab, 'button', 'End session');
  await tab.keyboard.press('Enter');
  await expect(tab.getByRole('dialog', { name: 'End this session?' })).toBeVisible();
  await tab.keyboard.press('Tab');
  await tabTo(tab, 'button', 'End session');
  await tab.keyboard.press('Enter');

  await expect(user.getByRole('heading', { name: 'This chat has ended' })).toBeFocused();
  await tabTo(user, 'button', 'Good');
  await user.keyboard.press('Space');
  await expect(user.getByText('Thank you.')).toBeVisible();
  await tabTo(tab, 'textbox', 'Note');
  await tab.keyboard.type('by keys');
  await tabTo(tab, 'button', 'Save summary');
  await tab.keyboard.press('Enter');
  await expect(tab.getByText('Saved', { exact: true })).toBeVisible();
});
