// What the agent has at the picture: sizes, tools for drawing, sound.

import type { Page } from '@playwright/test';
import { Agent } from './agent';
import { seesPattern } from './sharer';
import { agree, bar, card, codes, drag, painted, share, stage, test, whys } from './sharing';
import { expect } from './test';

/** Says whether sound comes from over there. */
const hears = (tab: Page) => tab.evaluate(() => {
  const stream = document.querySelector<HTMLVideoElement>('.stage video')?.srcObject as MediaStream | null;
  return (stream?.getAudioTracks() ?? []).map((track) => track.readyState === 'live' && !track.muted); // a muted one gets no packets
});

test('every tool draws, and clearing takes all of it away', async ({ meet }) => {
  const { tab, user } = await meet();
  await share(tab, user);
  const tool = (name: string) => stage(tab).getByRole('button', { name, exact: true }).click();
  const there = (x: number, y: number) => expect.poll(() => painted(user.page, x, y));
  await tool('Pen');
  await drag(tab, [0.1, 0.3], [0.2, 0.1], [0.3, 0.3]);
  await there(0.15, 0.2).toBeGreaterThan(0);
  await there(0.2, 0.3).toBe(0); // a pen's way is no straight line
  await tool('Arrow');
  await drag(tab, [0.6, 0.2], [0.9, 0.2]);
  await there(0.75, 0.2).toBeGreaterThan(0);
  await tool('Numbered arrow');
  for (const x of [0.2, 0.6]) {
    await drag(tab, [x, 0.6], [x + 0.2, 0.8]);
    await there(x, 0.6).toBeGreaterThan(100); // a disc, with its number
    await there(x + 0.1, 0.7).toBeGreaterThan(0);
  }
  await tool('Clear drawing');
  for (const [x, y] of [[0.15, 0.2], [0.75, 0.2], [0.2, 0.6], [0.7, 0.7]] as const) await there(x, y).toBe(0);
});

test('the picture fits, grows, has its actual size, and fills the screen', async ({ meet }) => {
  const { tab, user } = await meet();
  await share(tab, user);
  const press = (name: string) => stage(tab).getByRole('button', { name, exact: true }).click();
  const width = () => stage(tab).locator('video').evaluate((v: HTMLVideoElement) => Math.round(v.getBoundingClientRect().width));
  const frame = () => stage(tab).locator('.stage-frame').evaluate((f) => [f.clientWidth, f.scrollWidth]);
  const fitted = await width();
  const [room, all] = await frame();
  expect(fitted).toBeLessThanOrEqual(room!);
  expect(all).toBe(room);
  await press('Actual size');
  await expect.poll(width).toBe(await stage(tab).locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth));
  const actual = await width();
  await press('Zoom in');
  await expect.poll(width).toBe(Math.floor(actual * 1.25));
  await expect.poll(async () => (await frame())[1]).toBeGreaterThan(room!); // it can be moved
  await press('Zoom out');
  await expect.poll(width).toBe(actual);
  await press('Fit');
  await expect.poll(width).toBe(fitted);
  await press('Full screen');
  await expect.poll(() => tab.evaluate(() => document.fullscreenElement?.className)).toBe('stage');
  await expect.poll(width).toBeGreaterThan(fitted);
  expect(await seesPattern(tab)).toBe(true);
  await press('Full screen');
  await expect.poll(() => tab.evaluate(() => !document.fullscreenElement)).toBe(true);
  await expect.poll(width).toBe(fitted);
});

test('sound comes along where it was asked for', async ({ meet }) => {
  const { session, tab, user } = await meet();
  await tab.getByRole('checkbox', { name: 'With sound' }).check();
  await tab.getByRole('button', { name: 'Request view' }).click();
  await expect(card(user.page)).toContainText('The sound of what you share can be heard too');
  await agree(user.page, 'Share my screen');
  await expect(bar(user.page)).toContainText('Ada sees one of your browser tabs, with sound');
  await expect.poll(() => hears(tab)).toEqual([true]);
  await expect(stage(tab).getByRole('button', { name: 'Sound', exact: true })).toBeVisible();
  expect((await session.events('view-granted')).map((e) => e.data.sound)).toEqual([true]);
});

test('who asks for sound later hears it, and nobody else hears or sees more than they were allowed', async ({ server, newBrowser, meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  server.addAgent('Bob', 'administrator');
  const bob = await (await new Agent(await newBrowser(), server, 'Bob').signIn()).context.newPage();
  await bob.goto(`${server.url}/support/${session.id}`);
  await bob.getByRole('button', { name: 'Request view' }).click();
  await agree(user.page, 'Let them see it too');
  await expect.poll(() => seesPattern(bob)).toBe(true);

  await tab.getByRole('button', { name: 'Session tools' }).click();
  await tab.getByRole('button', { name: 'Ask for sound' }).click();
  await agree(user.page, 'Share my screen');
  await expect(bar(user.page)).toContainText('Ada sees one of your browser tabs, with sound');
  await expect(stage(bob)).toBeHidden();
  expect(await whys(session, 'view-stopped')).toEqual(['end-user']);
  await expect.poll(() => hears(tab)).toEqual([true]);
  await expect.poll(() => seesPattern(tab)).toBe(true);
  await bar(user.page).getByText('Who is it really?').click();
  await expect.poll(async () => new Set(await codes(tab, user)).size).toBe(1);
});
