// Where the server itself terminates TLS: HTTPS, WebSocket and TURN on one
// port, and everything else kept out.

import { check } from './axe';
import { chromium } from '@playwright/test';
import { Agent } from './agent';
import { certificate } from './certificate';
import { relayOnly, pathOf } from './relayed';
import { Server } from './server';
import { arriveAsSharer, flags, openSharer, seesPattern } from './sharer';
import { agree } from './sharing';
import { expect, test } from './test';

test('one port carries the page, the stream and the picture', async () => {
  const server = await Server.start(['Ada'], certificate(), 'https');
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
  try {
    const context = await browser.newContext({ locale: 'en-GB', ignoreHTTPSErrors: true });
    await relayOnly(context, 'tls');
    const ada = await new Agent(context, server, 'Ada').signIn();
    const tab = await ada.startInTab(await ada.support());
    const session = await ada.sessionOf(tab);
    const sharer = await openSharer({ prepare: (c) => relayOnly(c, 'tls') });
    const user = await arriveAsSharer(sharer.context, session.card.link);
    await user.start();
    await tab.getByRole('button', { name: 'Request view' }).click();
    await agree(user.page, 'Share my screen');
    await expect.poll(() => seesPattern(tab)).toBe(true);
    await expect.poll(() => pathOf(tab)).toContain('relayed (TLS)');

    const page = await context.newPage();
    await page.goto(`${server.url}/connection`);
    await expect(page.getByText('Relay by TLS')).toBeVisible();
    await expect(page.getByText(/^works/)).toBeVisible();
    await expect(page.getByText('Even a network that lets nothing but HTTPS through can show screens.')).toBeVisible();
    await sharer.browser.close();
  } finally {
    await browser.close();
    await server.remove();
  }
});

test('the connection test says what is missing', async ({ server, ada }) => {
  const page = await ada.context.newPage();
  await page.goto(`${server.url}/connection`);
  await expect(page.getByText('Relay by TCP')).toBeVisible();
  await expect(page.getByText(/^works/)).toBeVisible();
  await expect(page.getByText('With HTTPS it would also work')).toBeVisible();
  await check(page, 'the connection test');
});

test.describe('without a relay', () => {
  test.use({ settings: ['--relay=false'] });
  test('the picture still goes from browser to browser', async ({ server, ada }) => {
    const page = await ada.context.newPage();
    await page.goto(`${server.url}/connection`);
    await expect(page.getByText('The relay is switched off.')).toBeVisible();
    const sharer = await openSharer();
    const tab = await ada.startInTab(await ada.support());
    const session = await ada.sessionOf(tab);
    const user = await arriveAsSharer(sharer.context, session.card.link);
    await user.start();
    await tab.getByRole('button', { name: 'Request view' }).click();
    await agree(user.page, 'Share my screen');
    await expect.poll(() => seesPattern(tab)).toBe(true);
    await expect.poll(() => pathOf(tab)).toContain('direct');
    await sharer.browser.close();
  });
});
