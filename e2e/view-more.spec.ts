// Views of several agents, of phones, and over a network that breaks.

import type { Page } from '@playwright/test';
import { Agent } from './agent';
import { Line } from './line';
import { relayOnly } from './relayed';
import { freePort, Server } from './server';
import { arriveAsSharer, framesShown, openSharer, seesPattern } from './sharer';
import { agree, bar, card, share, stage, test, whys } from './sharing';
import { expect, PRESS } from './test';

const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const PHONE = 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36';

test('three agents see one screen, and a fourth is refused with the reason', async ({ server, newBrowser, meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  const others = [];
  for (const name of ['Bob', 'Cy', 'Dee']) {
    server.addAgent(name, 'administrator');
    const agent = await new Agent(await newBrowser(), server, name).signIn();
    const page = await agent.context.newPage();
    await page.goto(`${server.url}/support/${session.id}`);
    others.push(page);
  }
  const [bob, cy, dee] = others as [typeof tab, typeof tab, typeof tab];
  for (const [page, name] of [[bob, 'Bob'], [cy, 'Cy']] as const) {
    await page.getByRole('button', { name: 'Request view' }).click();
    await expect(card(user.page)).toContainText(`${name} of Deskside would like to see your screen too`);
    await agree(user.page, 'Let them see it too');
    await expect.poll(() => seesPattern(page)).toBe(true);
  }
  await expect(bar(user.page)).toContainText(/Ada, Bob,? and Cy see one of your browser tabs/);
  await bar(user.page).getByText('Who is it really?').click();
  await expect(bar(user.page).locator('.code')).toHaveCount(3);
  await expect(dee.getByRole('button', { name: 'Request view' })).toBeDisabled();
  await expect(dee.getByText('Three people see the screen already')).toBeVisible();
  const refused = await dee.request.post(`${server.url}/api/sessions/${session.id}/requests`, { data: { type: 'ask-view', id: 'the-fourth' } });
  expect([refused.status(), (await refused.json()).code]).toEqual([409, 'view-full']);

  await stage(bob).getByRole('button', { name: 'Stop watching' }).click();
  await expect(bar(user.page)).toContainText('Ada and Cy see');
  expect(await seesPattern(tab)).toBe(true);
});

/** Taps a button of the card once it can be pressed, with a finger that stays for as long as fingers do. */
async function touch(page: Page, name: string): Promise<void> {
  const button = card(page).getByRole('button', { name });
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  const { x, y, width, height } = (await button.boundingBox())!;
  const fingers = await page.context().newCDPSession(page);
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + width / 2, y: y + height / 2 }] });
  await page.waitForTimeout(PRESS);
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await expect(button).toBeHidden();
  await fingers.detach();
}

test('a phone is asked for its camera instead', async ({ meet }) => {
  const { session, tab, user } = await meet({ args: camera, userAgent: PHONE, permissions: ['camera'], hasTouch: true });
  await expect(tab.getByRole('button', { name: 'Request view' })).toBeDisabled();
  await expect(tab.getByText('The end-user is on a phone browser')).toBeVisible();
  await tab.getByRole('button', { name: 'Request camera' }).click();
  await expect(card(user.page)).toContainText('would like to see what your camera sees');
  await touch(user.page, 'Not now');
  await tab.getByRole('button', { name: 'Request camera' }).click();
  await touch(user.page, 'Show my camera'); // no finger moves between two taps, as a mouse does
  await expect(bar(user.page)).toContainText('Ada sees your camera');
  await expect.poll(() => framesShown(tab)).toBeGreaterThan(10);
  await expect(user.page.locator('.preview video')).toBeVisible();

  await stage(tab).getByRole('button', { name: 'Freeze the picture' }).click();
  await expect.poll(() => user.page.locator('.preview video').evaluate((v: HTMLVideoElement) => v.paused)).toBe(true);
  await stage(tab).getByRole('button', { name: 'Freeze the picture' }).click();
  await user.page.getByRole('button', { name: 'Other camera' }).click();
  const before = await framesShown(tab);
  await expect.poll(() => framesShown(tab)).toBeGreaterThan(before + 10);
  await bar(user.page).getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(stage(tab)).toBeHidden();
  expect((await session.events('view-granted')).map((e) => e.data.surface)).toEqual(['camera']);
});

test('a network that lets nothing through to one agent takes nothing from another', async ({ server, newBrowser, meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  const port = await freePort();
  const line = await Line.open(port, Number(new URL(server.url).port));
  try {
    server.addAgent('Bob', 'administrator');
    const context = await newBrowser();
    await relayOnly(context, 'tcp', port);
    const bob = await (await new Agent(context, server, 'Bob').signIn()).context.newPage();
    await bob.goto(`${server.url}/support/${session.id}`);
    await bob.getByRole('button', { name: 'Request view' }).click();
    await agree(user.page, 'Let them see it too');
    await expect.poll(() => seesPattern(bob)).toBe(true);
    const shownIn5s = async () => {
      const before = await framesShown(tab);
      await tab.waitForTimeout(5000);
      return await framesShown(tab) - before;
    };
    const usual = await shownIn5s();
    line.cut(true);
    expect(await shownIn5s()).toBeGreaterThan(usual / 2);
    await expect(stage(bob)).toContainText('The picture is interrupted.');
    expect(await shownIn5s()).toBeGreaterThan(usual / 2);
    await expect(stage(tab)).not.toContainText('The picture is interrupted.');
  } finally {
    line.close();
  }
});

test('the agent sees the picture in one tab, and takes it to another', async ({ server, ada, meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  const second = await ada.context.newPage();
  await second.goto(`${server.url}/support/${session.id}`);
  await expect.poll(() => seesPattern(second)).toBe(true);
  await expect(stage(tab)).toContainText('You see this screen in another tab.');
  await stage(tab).getByRole('button', { name: 'Show here' }).click();
  await expect.poll(() => seesPattern(tab)).toBe(true);
  await expect(stage(second)).toContainText('You see this screen in another tab.');
});

test('who closes the page that shares, and has another one open, has stopped', async ({ meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  const other = await user.page.context().newPage();
  await other.goto(user.page.url());
  await expect(other.getByRole('log')).toBeVisible();
  await user.page.close();
  await expect.poll(() => whys(session, 'view-stopped')).toEqual(['browser']);
  await expect(stage(tab)).toBeHidden();
  await expect(tab.getByRole('button', { name: 'Request view' })).toBeEnabled();
});

test('stop and report ends the view and tells the administrators', async ({ server, meet }) => {
  const { session, tab, user } = await meet();
  await share(tab, user);
  await bar(user.page).getByRole('button', { name: 'Stop and report' }).click();
  await expect(bar(user.page)).toBeHidden();
  await expect(tab.getByRole('log')).toContainText('reported this session to the administrators');
  await expect.poll(async () => (await session.events('reported')).length).toBe(1);
  expect(server.output).toContain('believe that they are being cheated');

  await share(tab, user);
  await user.page.getByRole('button', { name: 'End chat' }).click();
  await expect(user.page.getByRole('dialog')).toContainText('Your screen is seen just now.');
  await user.page.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
  await expect(bar(user.page)).toBeHidden();
  await user.page.getByRole('button', { name: 'Report this session' }).click();
  await expect(user.page.getByText('The administrators have been told.')).toBeVisible();
  await expect.poll(async () => (await session.events('reported')).length).toBe(2);
});

test.describe('over a network that breaks', () => {
  test('the picture comes back without a question after ten seconds, and with one after a minute', async ({ newBrowser }) => {
    const port = await freePort();
    const { server, port: own } = await Server.startBehind(port, ['Ada']);
    const line = await Line.open(port, own);
    const sharer = await openSharer({ prepare: (c) => relayOnly(c, 'tcp') });
    try {
      const context = await newBrowser();
      await relayOnly(context, 'tcp');
      const ada = await new Agent(context, server, 'Ada').signIn();
      const tab = await ada.startInTab(await ada.support());
      const session = await ada.sessionOf(tab);
      const user = await arriveAsSharer(sharer.context, session.card.link);
      await user.page.clock.install();
      await user.start();
      await share(tab, user);

      const comesBack = async () => {
        const before = await framesShown(tab);
        await expect.poll(() => framesShown(tab), { intervals: [100] }).toBeGreaterThan(before + 2);
      };
      line.cut(true);
      await expect(stage(tab)).toContainText('The picture is interrupted.');
      await tab.waitForTimeout(5000);
      line.cut(false);
      const back = Date.now();
      await comesBack();
      expect(Date.now() - back).toBeLessThan(5000);
      line.change(); // the way is gone for good: ICE has to find another
      await comesBack();
      expect((await session.events('view-asked')).length).toBe(1);
      expect(await whys(session, 'view-stopped')).toEqual([]);

      line.cut(true);
      await expect(stage(tab)).toContainText('The picture is interrupted.');
      await user.page.waitForTimeout(8000); // until their browser notices too
      await user.page.clock.fastForward(61_000);
      await user.page.waitForTimeout(3000);
      line.cut(false);
      await expect(bar(user.page)).toBeHidden();
      await expect.poll(() => whys(session, 'view-stopped')).toEqual(['lost']);
      await expect(tab.getByRole('button', { name: 'Request view' })).toBeVisible();
    } finally {
      await sharer.browser.close();
      line.close();
      await server.remove();
    }
  });
});
