// axe-core looks at every screen, light and dark.

import { check } from './axe';
import { expect, test } from './test';
import { Server } from './server';

test('the ways in', async ({ server, ada, arrive }) => {
  const user = await arrive(server.url);
  const { page } = user;
  await check(page, 'front page');
  await page.getByRole('textbox').fill('12');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('7 digits are missing')).toBeVisible();
  await check(page, 'front page with an error');
  await page.goto(`${server.url}/sign-in`);
  await check(page, 'sign in');
  await page.goto(`${server.url}/setup/wrong`);
  await check(page, 'set-up link that does nothing');
  await page.goto(`${server.url}/nowhere`);
  await check(page, 'page that does not exist');
  const session = await ada.startSession();
  await page.goto(session.card.link);
  await check(page, 'waiting');
  await session.ask('revoke');
  await page.reload();
  await check(page, 'revoked');
  await page.goto(`${server.url}/j/AAAAAAAAAAAAAAAAAAAAAA`);
  await check(page, 'unknown');
});

test('the ways on', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.page.getByRole('button', { name: 'I don’t know this person' }).click();
  await check(user.page, 'somebody who does not know the agent');
  await session.ask('revoke');
  const late = await arrive(session.card.link);
  await late.page.getByRole('button', { name: 'Ask for a new one' }).click();
  await expect(late.page.getByRole('status')).toContainText('Ada is not signed in');
  await check(late.page, 'asked for a new one');
});

test.describe('with gateways', () => {
  // Nobody listens there: invitations wait, which is a state to look at too.
  test.use({ settings: ['--sms-gateway', 'kannel', '--sms-url', 'http://127.0.0.1:1', '--sms-user', 'u', '--sms-password', 'p', '--smtp-host', '127.0.0.1', '--smtp-port', '1', '--smtp-security', 'none', '--smtp-from', 'a@example.org'] });

  test('the dialogs of invitations', async ({ server, ada, arrive }) => {
    const support = await ada.support();
    const tab = await ada.startInTab(support);
    const session = await ada.sessionOf(tab);
    await tab.getByRole('button', { name: 'Send SMS' }).click();
    await tab.getByLabel('Mobile phone number').fill('0151 23456789');
    await expect(tab.getByText('looks right')).toBeVisible();
    await check(tab, 'Send SMS, by the gateway');
    await tab.getByRole('dialog').getByRole('button', { name: 'Send SMS' }).click();
    await expect(tab.getByRole('dialog')).toContainText('The server goes on trying.');
    await check(tab, 'an SMS that waits');
    await tab.getByRole('button', { name: 'Done' }).click();
    await tab.getByRole('button', { name: 'Send Email' }).click();
    await tab.getByLabel('Email address').fill('grace@example.org');
    await expect(tab.getByText('looks right')).toBeVisible();
    await check(tab, 'Send Email, by the server');
    await tab.getByRole('button', { name: 'Send from server' }).click();
    await tab.getByRole('button', { name: 'Done' }).click();
    await check(tab, 'session, with invitations');
    const old = session.card.link;
    await session.ask('renew');
    const late = await arrive(old);
    await late.page.getByRole('button', { name: 'Ask for a new one' }).click();
    await expect(support.getByRole('region', { name: 'People who ask for a new link' })).toBeVisible();
    await check(support, 'Support, somebody rings');
    await support.goto(`${server.url}/texts`);
    await expect(support.getByRole('heading', { name: 'Invitation texts' })).toBeVisible();
    await check(support, 'Invitation texts');
  });
});

test('the set-up page', async ({ newBrowser }) => {
  const server = await Server.start([]);
  try {
    const page = await (await newBrowser()).newPage();
    await page.goto(await server.setupLink());
    await check(page, 'set-up');
  } finally {
    await server.remove();
  }
});

test("the end-user's conversation", async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  await user.say('Hello https://example.org/');
  const { seq } = await session.say('Good morning');
  await session.ask('react', { message: seq, emoji: '👍' });
  await session.ask('link', { url: 'https://example.org/' });
  await expect(user.conversation).toContainText('👍');
  await check(user.page, 'chat');
  await user.bubble('Hello').hover();
  await user.bubble('Hello').getByRole('button', { name: 'What to do with this message' }).click();
  await check(user.page, 'menu of a message');
  await user.page.keyboard.press('Escape');
  await user.page.getByRole('button', { name: 'Emoji' }).click();
  await check(user.page, 'emoji');
  await user.page.keyboard.press('Escape');
  const second = await arrive(session.card.link);
  await check(second.page, 'in use');
  await second.page.getByRole('button', { name: 'Ask to join' }).click();
  const { participant } = await session.knocked();
  await expect(second.page.getByRole('heading', { name: 'Tell this number to your agent' })).toBeVisible();
  await check(second.page, 'knocking');
  await session.ask('refuse', { participant });
  await expect(second.page.getByRole('heading', { name: 'Ada did not let you in' })).toBeVisible();
  await check(second.page, 'refused');
  await user.page.getByRole('button', { name: 'End chat' }).click();
  await check(user.page, 'asks before it ends');
  await user.page.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
  await expect(user.page.getByRole('heading', { name: 'This chat has ended' })).toBeVisible();
  await check(user.page, 'ended');
  await (await arrive(session.card.link)).page.close();
  const late = await arrive(session.card.link);
  await check(late.page, 'ended, for somebody else');
});

test('the Console', async ({ server, ada, arrive }) => {
  const page = await ada.support();
  await expect(page.getByText('No sessions are open.')).toBeVisible();
  await check(page, 'Support, empty');
  await page.getByRole('button', { name: 'Ada', exact: true }).click();
  await check(page, "the agent's menu");
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  await check(page, 'all actions');
  await page.keyboard.press('Escape');
  const tab = await ada.startInTab(page);
  await check(tab, 'session, waiting');
  await tab.getByRole('button', { name: 'Send SMS' }).click();
  await tab.getByLabel('Mobile phone number').fill('0151 23456789');
  await expect(tab.getByText('looks right')).toBeVisible();
  await check(tab, 'Send SMS');
  await tab.getByRole('dialog').getByRole('button', { name: 'Send SMS' }).click();
  await check(tab, 'Send SMS, done');
  await tab.getByRole('button', { name: 'Done' }).click();
  const session = await ada.sessionOf(tab);
  const knocking = await arrive(server.url);
  await knocking.page.getByRole('textbox').fill(session.key);
  await knocking.page.getByRole('button', { name: 'Continue' }).click();
  await expect(tab.getByRole('button', { name: 'Admit' })).toBeVisible();
  await check(tab, 'session, somebody knocks');
  const user = await arrive(session.card.link);
  await user.start();
  await user.sayStored('Hello https://example.org/');
  const { seq } = await session.say('Good mornin');
  await session.ask('edit', { message: seq, text: 'Good morning' });
  await session.ask('note', { text: 'third call' });
  await session.ask('react', { message: seq, emoji: '👍' });
  await expect(tab.getByRole('log')).toContainText('third call');
  await check(tab, 'session, active');
  await expect(page.getByText('Good morning').first()).toBeVisible();
  await check(page, 'Support, with a session');
  await tab.getByRole('button', { name: 'End session' }).click();
  await check(tab, 'asks before it ends');
  await tab.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
  await expect(tab.getByRole('button', { name: 'Save summary' })).toBeVisible();
  await check(tab, 'session, ended');
  await page.goto(`${server.url}/history`);
  await expect(page.getByText('Good morning').first()).toBeVisible();
  await check(page, 'History');
});

test('files on both sides', async ({ ada, arrive }) => {
  const tab = await ada.startInTab(await ada.support());
  const user = await arrive((await ada.sessionOf(tab)).card.link);
  await user.start();
  const chooser = user.page.waitForEvent('filechooser');
  await user.page.getByRole('button', { name: 'Attach files' }).click();
  const picture = await user.page.screenshot();
  await (await chooser).setFiles([{ name: 'shot.png', mimeType: 'image/png', buffer: picture }, { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('Hi') }]);
  for (const page of [user.page, tab]) {
    await expect(page.getByRole('link', { name: 'Download: note.txt' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Show shot.png large' })).toBeVisible();
  }
  await check(user.page, 'files, end-user');
  await check(tab, 'files, agent');
  for (const page of [user.page, tab]) {
    await page.getByRole('button', { name: 'Show shot.png large' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
  }
  await check(user.page, 'a large picture, end-user');
  await check(tab, 'a large picture, agent');
});
