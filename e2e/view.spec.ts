// The agent sees the end-user's screen: asked for, allowed, paused, stopped.

import type { BrowserContext } from '@playwright/test';
import { check } from './axe';
import { pathOf, relayOnly } from './relayed';
import { freePort } from './server';
import { framesShown, seesPattern } from './sharer';
import { agree, bar, card, drag, painted, share, stage, test, whys } from './sharing';
import { expect } from './test';

/** Keeps every connection that a page makes. */
const keepConnections = async (context: BrowserContext) => void await context.addInitScript(() => {
  const Usual = RTCPeerConnection;
  globalThis.connections = [];
  globalThis.RTCPeerConnection = class extends Usual {
    constructor(config?: RTCConfiguration) {
      super(config);
      connections.push(this);
    }
  };
});
declare global {
  var connections: RTCPeerConnection[];
}

test('the end-user agrees, and the agent sees what they chose, until they stop', async ({ meet }) => {
  const { session, tab, user } = await meet({ prepare: keepConnections });
  await tab.getByRole('button', { name: 'Request view' }).click();
  const question = card(user.page);
  await expect(question).toContainText('Ada of Deskside would like to see your screen');
  await expect(question).toContainText('127.0.0.1');
  await expect(question.getByRole('button', { name: 'Not now' })).toBeFocused();
  await expect(tab.getByText(/reads the request/)).toBeVisible();
  await agree(user.page, 'Share my screen');
  await expect(bar(user.page)).toContainText('Ada sees one of your browser tabs');
  await expect(user.page).toHaveTitle(/^🔴 Shared:/);
  const icon = user.page.locator('link[rel=icon]');
  await expect(icon).toHaveAttribute('href', /^data:image\/svg\+xml,.*%23b3261e/); // a red spot
  await expect.poll(() => seesPattern(tab)).toBe(true);
  const before = await framesShown(tab);
  await expect.poll(() => framesShown(tab)).toBeGreaterThan(before + 10);
  expect(await user.page.evaluate(() => connections.flatMap((c) => c.getSenders()).filter((s) => s.track?.kind === 'video').map((s) => {
    const { encodings, ...parameters } = s.getParameters();
    return [s.track!.contentHint, (parameters as { degradationPreference?: string }).degradationPreference, encodings.length];
  }))).toEqual([['detail', 'maintain-resolution', 1]]); // sharp before smooth, and sent once

  await bar(user.page).getByText('Who is it really?').click();
  const code = await bar(user.page).locator('.code').textContent();
  expect(code).toMatch(/^\d{3} \d{3}$/);
  await expect(stage(tab).locator('.code b')).toHaveText(code!);

  await bar(user.page).getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(bar(user.page)).toBeHidden();
  await expect(stage(tab)).toBeHidden();
  await expect(tab.getByRole('log')).toContainText('stopped sharing');
  expect(await whys(session, 'view-stopped')).toEqual(['end-user']);
  await expect(user.page).not.toHaveTitle(/Shared/);
  await expect(icon).not.toHaveAttribute('href', /^data:image\/svg\+xml,.*%23b3261e/);
  await user.say('The chat goes on');
  await expect(tab.getByRole('log')).toContainText('The chat goes on');
});

test('the end-user declines, by button and by key, and the agent takes a request back', async ({ meet }) => {
  const { session, tab, user } = await meet();
  const request = tab.getByRole('button', { name: 'Request view' });
  await request.click();
  await agree(user.page, 'Not now');
  await expect(tab.getByRole('log')).toContainText('does not want to share anything now');
  await request.click();
  await expect(card(user.page)).toBeVisible();
  await user.page.keyboard.press('Escape');
  await expect.poll(() => whys(session, 'view-declined')).toEqual(['not-now', 'not-now']);
  await request.click();
  await tab.getByRole('button', { name: 'Take the request back' }).click();
  await expect(card(user.page)).toBeHidden();
  expect(await whys(session, 'view-declined')).toEqual(['not-now', 'not-now', 'taken-back']);
  await user.say('Still here');
  await expect(tab.getByRole('log')).toContainText('Still here');
});

test('a request that nobody answers for a minute is declined', async ({ meet }) => {
  const { session, tab, user } = await meet();
  const asked = Date.now();
  await tab.getByRole('button', { name: 'Request view' }).click();
  await expect(card(user.page)).toBeVisible();
  await expect.poll(() => whys(session, 'view-declined'), { timeout: 90_000 }).toEqual(['unanswered']);
  expect(Date.now() - asked).toBeGreaterThan(59_000);
  await expect(card(user.page)).toBeHidden();
  await expect(tab.getByRole('log')).toContainText('Nobody answered the request to see something.');
  await expect(tab.getByRole('button', { name: 'Request view' })).toBeEnabled();
});

test('who closes the browser’s picker without a choice has said not now', async ({ meet }) => {
  const { session, tab, user } = await meet({ picker: '--auto-reject-capture' }); // as a closed picker does
  const request = tab.getByRole('button', { name: 'Request view' });
  for (const n of [1, 2]) {
    await request.click();
    await agree(user.page, 'Share my screen');
    await expect.poll(() => whys(session, 'view-declined')).toEqual(Array(n).fill('picker'));
    await expect(card(user.page)).toBeHidden();
  }
  await expect(tab.getByRole('log')).toContainText('chose nothing to share');
  await expect(bar(user.page)).toBeHidden();
  await expect(user.page.getByText('did not allow to share it')).toBeHidden(); // it is no error
  expect(await session.events('view-granted')).toEqual([]);
});

test('a press that comes too early, or was there before, agrees to nothing', async ({ meet }) => {
  const { session, tab, user } = await meet();
  await tab.getByRole('button', { name: 'Request view' }).click();
  const yes = card(user.page).getByRole('button', { name: 'Share my screen' });
  await yes.click({ force: true }); // within the first moment
  await expect(card(user.page).getByRole('button', { name: 'Not now' })).toHaveAttribute('aria-disabled', 'false');
  await expect(yes).toHaveAttribute('aria-disabled', 'true'); // under the pointer, which was pressed there
  await user.page.mouse.down();
  await user.page.mouse.up();
  await expect(card(user.page)).toBeVisible();
  await user.page.mouse.move(5, 5);
  await expect(yes).toHaveAttribute('aria-disabled', 'false');
  await yes.evaluate((b: HTMLButtonElement) => b.click()); // a script's press
  await expect(card(user.page)).toBeVisible();
  expect(await session.events('view-granted')).toEqual([]);
});

test('pausing sends nothing, and every way of stopping stops', async ({ meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  await bar(user.page).getByRole('button', { name: 'Pause' }).click();
  await expect(stage(tab)).toContainText('Paused by End-user');
  await expect(stage(tab).locator('video')).toBeHidden();
  const still = await framesShown(tab);
  await tab.waitForTimeout(1500);
  expect(await framesShown(tab)).toBe(still);
  await bar(user.page).getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => seesPattern(tab)).toBe(true);
  await expect.poll(() => framesShown(tab)).toBeGreaterThan(still);

  await stage(tab).getByRole('button', { name: 'Stop watching' }).click();
  await expect(bar(user.page)).toBeHidden();

  await share(tab, user);
  for (const page of user.context.pages()) if ((await page.title()) === 'Shared pattern') await page.close(); // ends the capture, as the browser's own button does
  await expect(bar(user.page)).toBeHidden();
  await expect(stage(tab)).toBeHidden();
  expect(await whys(session, 'view-stopped')).toEqual(['agent', 'browser']);
});

test('stopping works with the network cut, at once', async ({ meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  await user.context.setOffline(true);
  const state = await user.page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('.preview video')!;
    const [track] = (video.srcObject as MediaStream).getVideoTracks();
    [...document.querySelectorAll<HTMLButtonElement>('.viewbar button')].find((b) => b.textContent === 'Stop')!.click();
    return track!.readyState; // when the press has been dealt with, before anything else
  });
  expect(state).toBe('ended');
  await expect(bar(user.page)).toBeHidden();
  const still = await framesShown(tab);
  await tab.waitForTimeout(1000);
  expect(await framesShown(tab) - still).toBeLessThan(3); // what was on its way
  await user.context.setOffline(false);
  await expect(stage(tab)).toBeHidden();
  await expect.poll(() => whys(session, 'view-stopped')).toEqual(['end-user']);
});

test('the picture comes back when the agent loads the page again, and asks anew when the end-user does', async ({ meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  const code = await stage(tab).locator('.code b').textContent();
  await tab.reload();
  await expect.poll(() => seesPattern(tab)).toBe(true);
  await expect(stage(tab).locator('.code b')).not.toHaveText(code!); // another page, another certificate
  await bar(user.page).getByText('Who is it really?').click();
  await expect(bar(user.page).locator('.code')).toHaveText((await stage(tab).locator('.code b').textContent())!);

  user.page.once('dialog', (d) => void d.accept());
  await user.page.reload();
  await expect(card(user.page)).toContainText('This page was loaded again');
  await expect(tab.getByText(/loaded their page again/)).toBeVisible();
  await agree(user.page, 'Share my screen');
  await expect.poll(() => seesPattern(tab)).toBe(true);
  expect(await whys(session, 'view-stopped')).toEqual(['reload']);
  expect((await session.events('view-asked')).length).toBe(1);
});

test('what the agent draws is seen over the end-user’s preview, and a snapshot comes into the chat', async ({ meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  await stage(tab).getByRole('button', { name: 'Box' }).click();
  await drag(tab, [0.25, 0.25], [0.5, 0.5], [0.75, 0.75]);
  const preview = user.page.locator('.preview');
  await expect(preview).toContainText('Ada shows you something here');
  await expect(preview.locator('video')).toBeVisible();
  const there = (x: number, y: number) => painted(user.page, x, y);
  await expect.poll(() => there(0.25, 0.5)).toBeGreaterThan(0); // the left edge of the box
  await expect.poll(() => there(0.75, 0.5)).toBeGreaterThan(0);
  expect(await there(0.5, 0.5)).toBe(0);

  await stage(tab).getByRole('button', { name: 'Laser pointer' }).click();
  await stage(tab).locator('.hand').hover(); // its middle
  await expect.poll(() => there(0.5, 0.5)).toBeGreaterThan(0);
  await tab.mouse.move(5, 5);
  await expect.poll(() => there(0.5, 0.5)).toBe(0);

  await stage(tab).getByRole('button', { name: 'Snapshot into the chat' }).click();
  await expect(user.conversation).toContainText('Snapshot of the screen');
  for (const chat of [user.conversation, tab.getByRole('log')]) await expect(chat).toContainText(/Snapshot, \d/); // marked as one
  await expect.poll(async () => (await session.events('file-moved')).map((e) => e.data.state)).toContain('arrived');
  await stage(tab).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => there(0.25, 0.5)).toBe(0);
});

for (const transport of ['tcp', 'udp'] as const) {
  test.describe(`with nothing but the relay, over ${transport}`, () => {
    test.use({ settings: async ({}, use) => use(['--relay-listen', `udp:127.0.0.1:${await freePort()}`]) });
    test('the picture comes', async ({ ada, meet }) => {
      await relayOnly(ada.context, transport);
      const { tab, user } = await meet({ prepare: (context) => relayOnly(context, transport) });
      await share(tab, user);
      await expect.poll(() => pathOf(tab)).toContain(`relayed (${transport.toUpperCase()})`);
    });
  });
}

test('the bar stays in view at 400 % zoom, and axe finds nothing on either side', async ({ meet }) => {
  const { tab, user } = await meet();
  await tab.getByRole('button', { name: 'Request view' }).click();
  await expect(card(user.page)).toBeVisible();
  for (const page of [tab, user.page]) await check(page, 'a request');
  await user.page.setViewportSize({ width: 320, height: 256 }); // 1280 by 1024 at 400 %
  await expect(card(user.page).getByRole('button', { name: 'Not now' })).toBeVisible();
  await card(user.page).getByRole('button', { name: 'Share my screen' }).scrollIntoViewIfNeeded();
  await user.page.setViewportSize({ width: 1280, height: 720 });
  await agree(user.page, 'Share my screen');
  await expect.poll(() => seesPattern(tab)).toBe(true);
  await bar(user.page).getByText('Who is it really?').click();
  await user.page.getByText('What is seen of you').click();
  await tab.getByRole('button', { name: 'Figures of the connection' }).click();
  for (const page of [tab, user.page]) await check(page, 'a view');
  for (const size of [{ width: 320, height: 256 }, { width: 390, height: 844 }]) {
    await user.page.setViewportSize(size);
    const stop = bar(user.page).getByRole('button', { name: 'Stop', exact: true });
    await expect(stop).toBeInViewport({ ratio: 1 });
    expect(await user.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
    await expect(user.message).toBeInViewport();
  }
  await user.page.setViewportSize({ width: 320, height: 256 });
  await bar(user.page).getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(bar(user.page)).toBeHidden();
});
