// Firefox, at both ends of a chat, and at the agent's end of a view.

import { firefox } from '@playwright/test';
import { Agent, inConsole } from './agent';
import { EndUser } from './enduser';
import { arriveAsSharer, openSharer, seesPattern } from './sharer';
import { agree, stage } from './sharing';
import { expect, test } from './test';

test('Firefox chats, and watches what Chromium shows', async ({ server }) => {
  const browser = await firefox.launch({ executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', channel: 'moz-firefox' });
  const sharer = await openSharer();
  try {
    const ada = await new Agent(await browser.newContext({ locale: 'en-GB' }), server, 'Ada').signIn();
    const tab = await ada.startInTab(await ada.support());
    const session = await ada.sessionOf(tab);
    const user = await arriveAsSharer(sharer.context, session.card.link);
    await user.start();
    await user.say('Hello from Chromium');
    await expect(inConsole(tab).said).toHaveText(['Hello from Chromium']);
    await tab.getByRole('button', { name: 'Request view' }).click();
    await agree(user.page, 'Share my screen');
    await expect.poll(() => seesPattern(tab)).toBe(true);
    await tab.getByRole('button', { name: 'Figures of the connection' }).click();
    await expect(tab.locator('.figures')).toContainText('direct');
    await stage(tab).getByRole('button', { name: 'Stop watching' }).click();

    const other = await ada.startSession();
    const guest = await EndUser.arrive(await browser.newContext({ locale: 'en-GB' }), other.card.link);
    await guest.start();
    await guest.say('Hello from Firefox');
    await expect.poll(() => other.texts()).toEqual(['Hello from Firefox']);
    await other.say('Hello yourself');
    await expect(guest.said).toHaveText(['Hello from Firefox', 'Hello yourself']);
  } finally {
    await sharer.browser.close();
    await browser.close();
  }
});
