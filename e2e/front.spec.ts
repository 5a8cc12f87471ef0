// The front door: what people find who have a key or a link, and every way on
// where it leads nowhere.

import type { Page } from '@playwright/test';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './test';

/** A red square of 1×1 pixels, as a PNG file. */
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');

async function typeKey(page: Page, key: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Support Key' }).fill(key);
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('who does not know the agent says so, and the agent and the administrator learn it', async ({ server, ada, arrive, newBrowser }) => {
  server.addAgent('Bob');
  const bob = await new (await import('./agent')).Agent(await newBrowser(), server, 'Bob').signIn();
  const tab = await bob.startInTab(await bob.support());
  const session = await bob.sessionOf(tab);
  const user = await arrive(session.card.link);
  await user.page.getByRole('button', { name: 'I don’t know this person' }).click();
  await expect(user.page.getByRole('heading', { name: 'Thank you. Nothing has started.' })).toBeFocused();
  await expect(user.startButton).toBeHidden();
  await expect(tab.getByRole('log')).toContainText('Somebody with the link says that they don’t know you.');
  const list = await ada.support(); // the administrator
  await expect(list.getByRole('listitem').filter({ hasText: 'Bob' })).toContainText(/does not know/);
  expect(await session.events('doubted')).toHaveLength(1);
  expect(await session.events('arrived')).toHaveLength(0);
  await (await arrive(session.card.link)).start(); // the link still works
});

test('a dead link rings at the agent who has the Console open', async ({ ada, arrive }) => {
  const support = await ada.support();
  await expect(support.getByText('No sessions are open.')).toBeVisible();
  await (await ada.context.newCDPSession(support)).send('Emulation.setFocusEmulationEnabled', { enabled: false });
  await (await ada.context.newPage()).bringToFront(); // she looks elsewhere
  const session = await ada.startSession();
  await session.ask('revoke');
  const user = await arrive(session.card.link);
  await expect(user.page.getByRole('heading', { name: 'This link was replaced' })).toBeVisible();
  await user.page.getByRole('button', { name: 'Ask for a new one' }).click();
  await expect(user.page.getByRole('status')).toContainText('Ada has been told just now.');
  await expect(support.getByRole('region', { name: 'People who ask for a new link' })).toBeVisible();
  await expect(support).toHaveTitle(/^\(1\)/);
  await support.getByRole('region', { name: 'People who ask for a new link' }).getByRole('button', { name: 'New key' }).click();
  await expect.poll(async () => (await session.events('key-renewed')).length).toBe(1);
});

test('a dead link says that its agent is not signed in, and a dead key asks too', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  await session.ask('end');
  const user = await arrive(session.card.link);
  await expect(user.page.getByRole('heading', { name: 'This session has ended' })).toBeVisible();
  await user.page.getByRole('button', { name: 'Ask for a new one' }).click();
  await expect(user.page.getByRole('status')).toContainText('Ada is not signed in right now');
  expect(await session.events('key-asked')).toHaveLength(1);
  const typed = await arrive(server.url);
  await typeKey(typed.page, session.key);
  await expect(typed.page.getByText('The session of this key has ended.')).toBeVisible();
  const support = await ada.support();
  await expect(support.getByText('No sessions are open.')).toBeVisible();
  await typed.page.getByRole('button', { name: 'Ask for a new one' }).click();
  await expect(typed.page.getByRole('status')).toContainText('Ada has been told just now.');
});

test('an incomplete key shows which digits are missing', async ({ server, arrive }) => {
  const { page } = await arrive(server.url);
  await typeKey(page, '12-456-789');
  await expect(page.getByText('One digit is missing: 12•-456-789.')).toBeVisible();
  await typeKey(page, '12345');
  await expect(page.getByText('4 digits are missing: 123-45•-•••.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Support Key' })).toHaveValue('12345');
  await expect(page).toHaveTitle(/^Error:/);
});

test('the language can be switched on every page, and is remembered', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const { page } = await arrive(session.card.link);
  await page.getByRole('link', { name: 'Deutsch' }).click();
  await expect(page.getByRole('button', { name: 'Chat beginnen' })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(new URL(session.card.link).pathname);
  await page.goto(server.url);
  await expect(page.getByRole('button', { name: 'Weiter' })).toBeVisible();
  await page.getByRole('textbox').fill('12');
  await page.getByRole('button', { name: 'Weiter' }).click();
  await expect(page.getByText('7 Ziffern fehlen')).toBeVisible();
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
});

test.describe('with a picture and a colour', () => {
  const logo = join(mkdtempSync(join(tmpdir(), 'deskside-logo-')), 'logo.png');
  writeFileSync(logo, png);
  test.use({ settings: ['--logo', logo, '--colour', '#7a1fa2', '--organisation', 'Example Ltd'] });

  test('the organisation is recognised', async ({ server, ada, arrive }) => {
    const { page } = await arrive(server.url);
    const picture = page.locator('img.logo');
    await expect(picture).toHaveJSProperty('naturalWidth', 1);
    await expect(page.getByRole('heading', { name: 'Get help from Example Ltd' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Continue' })).toHaveCSS('background-color', 'rgb(122, 31, 162)');
    const user = await arrive((await ada.startSession()).card.link);
    await expect(user.page.locator('img.logo')).toHaveJSProperty('naturalWidth', 1);
    await expect(user.startButton).toHaveCSS('background-color', 'rgb(122, 31, 162)');
  });
});

test('without scripts the pages say what they need, and the key can be typed', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const plain = { javaScriptEnabled: false };
  const { page } = await arrive(session.card.link, plain);
  await expect(page.getByRole('heading', { name: /Ada from Deskside is waiting for you/ })).toBeVisible();
  await expect(page.locator('noscript .note')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start chat' })).toBeHidden();
  const front = await arrive(server.url, plain);
  await typeKey(front.page, session.key);
  await expect(front.page.getByRole('heading', { name: 'Tell this number to your agent' })).toBeVisible();
  await expect(front.page.locator('noscript .note').first()).toBeVisible();
  await session.ask('end');
  const late = await arrive(session.card.link, plain);
  await expect(late.page.getByRole('button', { name: 'Ask for a new one' })).toBeHidden();
  await expect(late.page.getByText('If you still need help')).toBeVisible();
});
