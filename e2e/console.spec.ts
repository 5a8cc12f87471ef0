// The agent's side: the set-up link, signing in, people at the door, reloads,
// and who sees whose sessions.

import { Agent, inConsole } from './agent';
import { expect, test } from './test';
import { Server } from './server';

test('the set-up link makes the first administrator, once', async ({ newBrowser }) => {
  const server = await Server.start([]);
  try {
    const link = await server.setupLink();
    const page = await (await newBrowser()).newPage();
    await page.goto(link);
    await page.getByLabel('Your name').fill('Grace');
    await page.getByLabel('Email').fill('grace@example.org');
    await page.getByLabel('Password').fill('short');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page).toHaveURL(link);
    await page.getByLabel('Password').fill('long enough to last');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page).toHaveURL(`${server.url}/support`);
    await expect(page.getByRole('button', { name: 'Start remote support session' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Grace' })).toBeVisible();
    const late = await (await newBrowser()).newPage();
    for (const address of [link, `${link.slice(0, -3)}xxx`]) {
      await late.goto(address);
      await expect(late.getByRole('button', { name: 'Create account' })).toBeHidden();
      await expect(late.getByRole('link', { name: 'Sign in' })).toBeVisible();
    }
  } finally {
    await server.remove();
  }
});

test('a wrong password says so and keeps the address; signing out closes the Console', async ({ ada, server }) => {
  const page = await ada.signInByPage();
  const tab = await ada.startInTab(page);
  await page.getByRole('button', { name: 'Ada', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(tab.getByText('You are signed out.').first()).toBeVisible();
  await page.getByLabel('Email').fill('ada@example.org');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('Email')).toHaveValue('ada@example.org');
  await page.goto(`${server.url}/history`);
  await expect(page).toHaveURL(/\/sign-in/);
});

test('after signing in one is where one wanted to go', async ({ ada, server }) => {
  await ada.context.clearCookies();
  const page = await ada.context.newPage();
  await page.goto(`${server.url}/history`);
  await page.getByLabel('Email').fill('ada@example.org');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${server.url}/history`);
  await expect(page.getByRole('heading', { name: 'History' })).toBeVisible();
});

test('somebody typed the key: the agent hears the check number and presses Admit', async ({ server, ada, arrive }) => {
  const tab = await ada.startInTab(await ada.support());
  const { key } = await ada.sessionOf(tab);
  const user = await arrive(server.url);
  await user.page.getByRole('textbox', { name: 'Support Key' }).fill(key);
  await user.page.getByRole('button', { name: 'Continue' }).click();
  const knock = tab.getByRole('list', { name: 'People who ask to join' }).getByRole('listitem');
  const check = (await user.page.getByText(/^\d{3}$/).textContent())!;
  await expect(knock).toContainText(`Their number: ${check}`);
  await knock.getByRole('button', { name: 'Admit' }).click();
  await expect(user.conversation).toBeVisible();
  await inConsole(tab).message.fill('Good morning');
  await inConsole(tab).message.press('Enter');
  await expect(user.said).toHaveText(['Good morning']);
});

test('the agent refuses one and admits another who asks to join the running session', async ({ ada, arrive }) => {
  const tab = await ada.startInTab(await ada.support());
  const { card } = await ada.sessionOf(tab);
  await (await arrive(card.link)).start();
  const join = async () => {
    const user = await arrive(card.link);
    await user.page.getByRole('button', { name: 'Ask to join' }).click();
    return user;
  };
  const stranger = await join();
  await tab.getByRole('button', { name: 'Refuse' }).click();
  await expect(stranger.page.getByRole('heading', { name: 'Ada did not let you in' })).toBeVisible();
  const second = await join();
  await tab.getByRole('button', { name: 'Admit' }).click();
  await expect(second.conversation).toBeVisible();
  await expect(tab.getByRole('button', { name: 'Admit' })).toBeHidden();
});

test('the key card extends, renews and revokes', async ({ ada, arrive }) => {
  const tab = await ada.startInTab(await ada.support());
  const before = await ada.sessionOf(tab);
  await tab.getByRole('button', { name: 'Extend' }).click();
  await expect(tab.getByText(before.key, { exact: true })).toBeVisible();
  await tab.getByRole('button', { name: 'New key' }).click();
  await expect(tab.getByText(before.key, { exact: true })).toBeHidden();
  await expect(tab.getByText(/^\d{3}-\d{3}-\d{3}$/)).toBeVisible();
  const { page } = await arrive(before.card.link);
  await expect(page.getByRole('heading', { name: 'This link was replaced' })).toBeVisible();
  await tab.getByRole('button', { name: 'Revoke' }).click();
  await expect(tab.getByText('This key was revoked.')).toBeVisible();
  await expect(tab.getByRole('button', { name: 'Copy to Clipboard' })).toBeDisabled();
  await tab.getByRole('button', { name: 'New key' }).click();
  await expect(tab.getByText(/^\d{3}-\d{3}-\d{3}$/)).toBeVisible();
  const user = await arrive((await ada.sessionOf(tab)).card.link);
  await user.start();
});

test('a reload and a killed server lose nothing of the agent\'s either', async ({ server, ada, arrive }) => {
  const tab = await ada.startInTab(await ada.support());
  const session = await ada.sessionOf(tab);
  const user = await arrive(session.card.link);
  await user.start();
  const { message, said } = inConsole(tab);
  const say = async (text: string) => {
    await message.fill(text);
    await message.press('Enter');
    await expect(message).toHaveValue('');
  };
  await say('one');
  await expect(user.said).toHaveText(['one']);
  await user.sayStored('two');
  await tab.reload();
  await expect(said).toHaveText(['one', 'two']);
  await message.fill('half a');
  await server.kill();
  await expect(tab.getByText('Connection lost').first()).toBeVisible();
  await expect(message).toHaveValue('half a');
  await say('three');
  await user.say('four');
  await server.launch();
  await expect.poll(() => session.texts()).toHaveLength(4);
  const texts = await session.texts();
  expect(texts.slice(0, 2)).toEqual(['one', 'two']);
  expect(texts.slice(2).sort()).toEqual(['four', 'three']);
  await expect(said).toHaveText(texts);
  await expect(user.said).toHaveText(texts);
});

test('two tabs of one session stay in step', async ({ ada, arrive }) => {
  const tab = await ada.startInTab(await ada.support());
  const session = await ada.sessionOf(tab);
  const user = await arrive(session.card.link);
  await user.start();
  const other = await ada.context.newPage();
  await other.goto(tab.url());
  await inConsole(tab).message.fill('from one');
  await inConsole(tab).message.press('Enter');
  await expect(inConsole(other).said).toHaveText(['from one']);
  await inConsole(other).message.fill('from the other');
  await inConsole(other).message.press('Enter');
  await expect(user.said).toHaveCount(2);
  await user.say('to both');
  for (const page of [tab, other]) await expect(inConsole(page).said).toHaveText(['from one', 'from the other', 'to both']);
});

test('the Console works without WebSockets too', async ({ ada, arrive }) => {
  await ada.context.routeWebSocket(/\/live/, (socket) => socket.close());
  const support = await ada.support();
  const tab = await ada.startInTab(support);
  const user = await arrive((await ada.sessionOf(tab)).card.link);
  await user.start();
  await user.say('Hello');
  await expect(inConsole(tab).said).toHaveText(['Hello']);
  await inConsole(tab).message.fill('Good morning');
  await inConsole(tab).message.press('Enter');
  await expect(user.said).toHaveText(['Hello', 'Good morning']);
  await user.expectMark('Hello', 'Read');
  await expect(support.getByText('Good morning')).toBeVisible();
});

test('an agent sees their own sessions, an administrator all', async ({ server, ada, newBrowser, arrive }) => {
  server.addAgent('Bob');
  const bob = await new Agent(await newBrowser(), server, 'Bob').signIn();
  const adas = await ada.startSession();
  const bobs = await bob.startSession();
  for (const [session, text] of [[adas, 'for Ada only'], [bobs, 'for Bob']] as const) {
    const user = await arrive(session.card.link);
    await user.start();
    await user.say(text);
    await expect.poll(() => session.texts()).toEqual([text]);
  }
  const adasList = await ada.support();
  await expect(adasList.getByText('for Bob')).toBeVisible();
  await expect(adasList.getByText('for Ada only')).toBeVisible();
  const bobsList = await bob.support();
  await expect(bobsList.getByText('for Bob')).toBeVisible();
  await expect(bobsList.getByText('for Ada only')).toBeHidden();
  await bobsList.goto(`${server.url}/support/${adas.id}`);
  await expect(bobsList.getByRole('heading', { name: 'There is no such session.' })).toBeVisible();
  await bobsList.goto(`${server.url}/history`);
  for (const session of [adas, bobs]) await session.ask('end');
  await bobsList.reload();
  await expect(bobsList.getByText('for Bob')).toBeVisible();
  await expect(bobsList.getByText('for Ada only')).toBeHidden();
});

test('an agent who looks elsewhere can not miss that somebody arrived or wrote', async ({ ada, arrive }) => {
  const support = await ada.support();
  await (await ada.context.newCDPSession(support)).send('Emulation.setFocusEmulationEnabled', { enabled: false });
  await (await ada.context.newPage()).bringToFront();
  const session = await ada.startSession();
  await expect(support.getByText('Waiting for the end-user')).toBeVisible();
  await expect(support).toHaveTitle(/^Support/);
  const user = await arrive(session.card.link);
  await user.start();
  await expect(support.getByText('Has arrived', { exact: true })).toBeVisible();
  await expect(support).toHaveTitle(/^\(1\)/);
  await user.say('Is anybody there?');
  await expect(support.getByText('1 unanswered', { exact: true })).toBeVisible();
  await support.bringToFront();
  await expect(support).toHaveTitle(/^Support/);
  await session.say('I am');
  await expect(support.getByText('1 unanswered', { exact: true })).toBeHidden();
});

test('an agent who was signed out while the network was away learns it', async ({ server, ada, newBrowser }) => {
  const tab = await ada.startInTab(await ada.support());
  const elsewhere = await newBrowser();
  await elsewhere.addCookies(await ada.context.cookies());
  await ada.context.setOffline(true);
  await expect(tab.getByText('Connection lost').first()).toBeVisible();
  await elsewhere.request.post(`${server.url}/sign-out`);
  await ada.context.setOffline(false);
  await expect(tab.getByText('You are signed out.').first()).toBeVisible();
});

test('both sides speak German where one asks for it', async ({ server, ada, arrive, newBrowser }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link, { locale: 'de-DE' });
  await expect(user.page.getByRole('button', { name: 'Chat beginnen' })).toBeVisible();
  await expect(user.page.locator('html')).toHaveAttribute('lang', 'de');
  const front = await (await newBrowser()).newPage();
  await front.goto(server.url);
  await front.getByRole('link', { name: 'Deutsch' }).click();
  await expect(front.getByRole('textbox', { name: 'Support-Schlüssel' })).toBeVisible();
  const support = await ada.support();
  await support.getByRole('button', { name: 'Ada', exact: true }).click();
  await support.getByRole('combobox', { name: 'Language' }).selectOption('de');
  await expect(support.locator('html')).toHaveAttribute('lang', 'de');
  await expect(support.getByRole('button', { name: 'Fernhilfe-Sitzung starten' })).toBeVisible();
  await support.reload();
  await expect(support.locator('html')).toHaveAttribute('lang', 'de');
});
