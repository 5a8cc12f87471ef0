// A whole screen: of an X server with a colour of its own behind the browser.

import { chromium } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { EndUser } from './enduser';
import { corners, flags } from './sharer';
import { agree, bar, stage } from './sharing';
import { expect, test } from './test';

/** Starts an X server; its screen is green. */
async function startScreen(): Promise<{ display: string; stop(): void }> {
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x720x24', '-nolisten', 'tcp', '-noreset'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const display = await new Promise<string>((done, failed) => {
    server.stdout.once('data', (number) => done(`:${String(number).trim()}`));
    server.once('error', failed);
  });
  execFileSync('xsetroot', ['-display', display, '-solid', '#00a000']);
  return { display, stop: () => server.kill() };
}

test('the agent sees the whole screen, not only the browser', async ({ ada }) => {
  const screen = await startScreen();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: false, env: { ...process.env, DISPLAY: screen.display },
    args: [...flags, '--auto-select-desktop-capture-source=Entire screen', '--window-position=0,0', '--window-size=640,600'],
  });
  try {
    const tab = await ada.startInTab(await ada.support());
    const session = await ada.sessionOf(tab);
    const user = await EndUser.arrive(await browser.newContext({ locale: 'en-GB', viewport: null }), session.card.link);
    await user.start();
    await tab.getByRole('button', { name: 'Request view' }).click();
    await agree(user.page, 'Share my screen');
    await expect(bar(user.page)).toContainText('Ada sees your whole screen');
    const right = async () => (await corners(tab))[1]!.split(',').map(Number);
    await expect.poll(async () => {
      const [r = 0, g = 0, b = 0] = await right();
      return g > 120 && r < 60 && b < 60;
    }).toBe(true);
    await tab.getByRole('button', { name: 'Figures of the connection' }).click();
    await expect(tab.locator('.figures')).toContainText('1280 × 720');
    expect((await session.events('view-granted')).map((e) => e.data.surface)).toEqual(['monitor']);
    await bar(user.page).getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(stage(tab)).toBeHidden();
  } finally {
    await browser.close();
    screen.stop();
  }
});
