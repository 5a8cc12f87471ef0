// Invitations that the server sends: the dialogs, and every way in which a
// gateway can fail.

import type { Page } from '@playwright/test';
import type { Agent } from './agent';
import { Gateway } from './gateway';
import { Mailpit } from './mailpit';
import { expect, test as base } from './test';
import { Server } from './server';

const number = '0151 234 567 89';

interface Post {
  gateway: Gateway;
}

/** A server that has the gateway. */
const test = base.extend<Post>({
  gateway: async ({}, use) => {
    const gateway = await Gateway.open();
    await use(gateway);
    gateway.release();
    await gateway.down();
  },
  server: async ({ gateway, settings }, use, info) => {
    const server = await Server.start(['Ada'], [...gateway.settings, ...settings]);
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach('server', { body: server.output });
    await server.remove();
  },
});

async function startSession(ada: Agent): Promise<Page> {
  return ada.startInTab(await ada.support());
}

/** Fills the dialog and sends. */
async function sendSms(tab: Page, to = number): Promise<void> {
  await tab.getByRole('button', { name: 'Send SMS' }).click();
  const dialog = tab.getByRole('dialog', { name: 'Send SMS' });
  await dialog.getByLabel('Mobile phone number').fill(to);
  await dialog.getByRole('button', { name: 'Send SMS' }).click();
}

const box = (tab: Page) => tab.getByRole('dialog');
const list = (tab: Page) => tab.getByRole('list', { name: 'Invitations sent by the server' });

test('an SMS goes out, and its way is seen until it has arrived', async ({ ada, gateway, arrive }) => {
  const tab = await startSession(ada);
  await tab.getByRole('button', { name: 'Send SMS' }).click();
  const dialog = tab.getByRole('dialog', { name: 'Send SMS' });
  await dialog.getByLabel('Mobile phone number').fill(number);
  await dialog.getByLabel('Language').selectOption('de');
  await dialog.getByLabel('A personal word').fill('Wie besprochen:');
  await expect(dialog.locator('blockquote')).toContainText('Wie besprochen: Ada');
  const preview = await dialog.locator('blockquote').textContent();
  await expect(dialog.getByText(/^1 message/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Send SMS' }).click();
  await expect(box(tab).getByText(number)).toBeVisible();
  await expect(box(tab).getByText('The gateway has taken it.')).toBeVisible();
  await expect.poll(() => gateway.messages.length).toBe(1);
  const [sms] = gateway.messages;
  expect(sms).toMatchObject({ to: '+4915123456789', text: preview });
  expect(await gateway.report(sms!, 1)).toBe(204);
  await expect(box(tab).getByText('The gateway says that it has arrived.')).toBeVisible();
  await box(tab).getByRole('button', { name: 'Done' }).click();
  await expect(tab.getByRole('dialog')).toBeHidden();
  await expect(list(tab)).toContainText(number);
  await expect(list(tab)).toContainText('Delivered');
  await expect(tab.getByRole('log')).toContainText('The SMS to +49…789 was delivered.');
  const user = await arrive(sms!.text.match(/http:\S+$/)![0]);
  await user.start();
  expect(gateway.messages).toHaveLength(1);
});

test('wrong numbers are told before anything is sent', async ({ ada, gateway }) => {
  const tab = await startSession(ada);
  await tab.getByRole('button', { name: 'Send SMS' }).click();
  const dialog = tab.getByRole('dialog', { name: 'Send SMS' });
  await dialog.getByLabel('Mobile phone number').fill('1');
  await expect(dialog.getByText('This can’t be a phone number.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Send SMS' })).toBeDisabled();
  await dialog.getByLabel('Mobile phone number').fill('+44 7700 900123'); // an official example
  await expect(dialog.getByText(/possible, but not a number that is known to exist/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Send SMS' }).click();
  await expect(dialog.getByText(/country/i).last()).toBeVisible(); // text messages go to Germany only, by default
  await expect(dialog.getByLabel('Mobile phone number')).toHaveValue('+44 7700 900123');
  expect(gateway.messages).toEqual([]);
});

test('a gateway that refuses leads to its words, and to other ways', async ({ ada, gateway }) => {
  gateway.manner = 'refuses';
  const tab = await startSession(ada);
  await sendSms(tab);
  await expect(box(tab).getByText('Not sent')).toBeVisible();
  await expect(box(tab)).toContainText('The gateway refused it.');
  await expect(box(tab)).toContainText('Authorization failed for sendsms');
  gateway.manner = 'takes';
  await box(tab).getByRole('button', { name: 'Send again' }).click();
  await expect(box(tab).getByText('The gateway has taken it.')).toBeVisible();
  await box(tab).getByRole('button', { name: 'Done' }).click();
  await expect(list(tab).getByRole('listitem')).toHaveCount(2);
  expect(gateway.messages).toHaveLength(1);
});

test('a gateway that is down is asked again, until it takes the message', async ({ ada, gateway }) => {
  await gateway.down();
  const tab = await startSession(ada);
  await sendSms(tab);
  await expect(box(tab)).toContainText('No gateway answers. The server goes on trying.');
  await gateway.up();
  await expect(box(tab).getByText('The gateway has taken it.')).toBeVisible();
  expect(gateway.messages).toHaveLength(1);
});

test('a gateway that is cut off in its answer gets the message once, and the agent decides', async ({ ada, gateway }) => {
  gateway.manner = 'dies';
  const tab = await startSession(ada);
  await sendSms(tab);
  await expect(box(tab).getByText('May have been sent', { exact: true })).toBeVisible();
  await box(tab).getByRole('button', { name: 'Done' }).click();
  gateway.manner = 'takes';
  await expect(list(tab)).toContainText('Whether to send it again, you decide.');
  expect(gateway.messages).toHaveLength(1);
  await list(tab).getByRole('button', { name: 'Send again' }).click();
  await expect(list(tab).getByRole('listitem').first()).toContainText('Sent');
  expect(gateway.messages).toHaveLength(2);
});

test('a server killed while the gateway is slow neither forgets nor repeats', async ({ server, ada, gateway }) => {
  gateway.manner = 'hangs';
  const tab = await startSession(ada);
  await sendSms(tab);
  await expect(box(tab).getByText('Sending…')).toBeVisible();
  await expect.poll(() => gateway.messages.length).toBe(1);
  await server.kill();
  await server.launch();
  await expect(box(tab).getByText('May have been sent', { exact: true })).toBeVisible({ timeout: 40_000 });
  expect(gateway.messages).toHaveLength(1);
});

test('a slow gateway keeps the agent informed', async ({ ada, gateway }) => {
  gateway.manner = 'hangs';
  const tab = await startSession(ada);
  await sendSms(tab);
  await expect(box(tab).getByText('Sending…')).toBeVisible();
  await box(tab).getByRole('button', { name: 'Done' }).click();
  await expect(list(tab)).toContainText('Sending…');
  gateway.release();
  await expect(list(tab)).toContainText('Sent');
});

test('receipts that come twice, early and forged change nothing', async ({ server, ada, gateway }) => {
  gateway.manner = 'answers twice';
  const tab = await startSession(ada);
  await sendSms(tab);
  await expect(box(tab).getByText('The gateway says that it has arrived.')).toBeVisible();
  const [sms] = gateway.messages;
  expect(await gateway.report(sms!, 2)).toBe(204); // too late to be true
  const forged = sms!.receipt.replace(/.(\?|&|$)/, '$1');
  expect((await fetch(forged.replace('%d', '2'))).status).toBe(404);
  await expect(box(tab).getByText('The gateway says that it has arrived.')).toBeVisible();
  const session = await ada.sessionOf(tab);
  expect((await session.events('invitation')).map((e) => e.data.state).filter((s) => s === 'delivered')).toHaveLength(1);
  expect(server.output).not.toContain('secret of the gateway');
  expect(server.output).not.toContain('15123456789');
});

test('limits are told in words', async ({ ada, gateway }) => {
  const tab = await startSession(ada);
  for (let n = 1; n <= 3; n++) {
    await sendSms(tab);
    await expect(box(tab).getByText('The gateway has taken it.')).toBeVisible();
    await box(tab).getByRole('button', { name: 'Done' }).click();
  }
  await sendSms(tab);
  await expect(box(tab).getByRole('alert')).toContainText(/within an hour/);
  await expect(box(tab).getByLabel('Mobile phone number')).toHaveValue(number);
  expect(gateway.messages).toHaveLength(3);
});

const mailTest = base.extend<{ mailpit: Mailpit }>({
  mailpit: async ({}, use) => {
    const mailpit = await Mailpit.start();
    await use(mailpit);
    await mailpit.remove();
  },
  server: async ({ mailpit }, use, info) => {
    const server = await Server.start(['Ada'], [...mailpit.settings, '--organisation', 'Example Ltd']);
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach('server', { body: server.output });
    await server.remove();
  },
});

mailTest('a mail goes out from the server, looks right, and leads to the chat', async ({ ada, mailpit, arrive, newBrowser }, info) => {
  const tab = await startSession(ada);
  await tab.getByRole('button', { name: 'Send Email' }).click();
  const dialog = tab.getByRole('dialog', { name: 'Send Email' });
  await expect(dialog.locator('blockquote')).toContainText('Ada'); // before the address is known
  await dialog.getByLabel('Email address').fill('grace');
  await expect(dialog.getByText('This can’t be an email address.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Open mail program' })).toHaveAttribute('href', /^mailto:/);
  await dialog.getByLabel('Email address').fill('grace@example.org');
  await dialog.getByLabel('A personal word').fill('As we said <on the phone> & so on');
  await expect(dialog.locator('blockquote')).toContainText('As we said <on the phone> & so on');
  await dialog.getByRole('button', { name: 'Send from server' }).click();
  await expect(box(tab).getByText('grace@example.org')).toBeVisible();
  await expect(box(tab).getByText('The gateway has taken it.')).toBeVisible();
  await box(tab).getByRole('button', { name: 'Done' }).click();
  await expect(list(tab)).toContainText('grace@example.org');
  const mails = await mailpit.mails();
  expect(mails).toHaveLength(1);
  const [mail] = mails;
  expect(mail).toMatchObject({
    Subject: 'Support from Example Ltd', From: { Name: 'Example Support', Address: 'support@example.org' },
    To: [{ Address: 'grace@example.org' }], ReplyTo: [{ Name: 'Ada', Address: 'ada@example.org' }],
  });
  const { card } = await ada.sessionOf(tab);
  expect(mail!.Text).toContain(card.link);
  expect(mail!.Text).toContain('As we said <on the phone> & so on');
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await (await newBrowser({ viewport: { width: 390, height: 700 }, colorScheme })).newPage();
    await page.setContent(mail!.HTML);
    await expect(page.getByText('As we said <on the phone> & so on')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Open the chat' })).toHaveAttribute('href', card.link);
    await info.attach(`mail-${colorScheme}`, { body: await page.screenshot({ path: info.outputPath(`mail-${colorScheme}.png`) }), contentType: 'image/png' });
  }
  await (await arrive(card.link)).start();
});

mailTest('a mail server that is down is asked again', async ({ ada, mailpit }) => {
  await mailpit.stop();
  const tab = await startSession(ada);
  await tab.getByRole('button', { name: 'Send Email' }).click();
  await box(tab).getByLabel('Email address').fill('grace@example.org');
  await box(tab).getByRole('button', { name: 'Send from server' }).click();
  await expect(box(tab)).toContainText('No gateway answers. The server goes on trying.');
  await mailpit.launch();
  await expect(box(tab).getByText('The gateway has taken it.')).toBeVisible();
  expect(await mailpit.mails()).toHaveLength(1);
});

base('Send Email opens the mail program where the server has no SMTP', async ({ ada }) => {
  const tab = await startSession(ada);
  await expect(tab.getByRole('button', { name: 'Send Email' })).toHaveAttribute('href', /^mailto:\?subject=/);
  await expect(tab.getByText('No mail window opens?')).toBeVisible();
});

test('the team writes texts of its own, with the parts counted', async ({ server, ada, gateway, newBrowser }) => {
  const texts = await ada.context.newPage();
  await texts.goto(`${server.url}/texts`);
  const sms = texts.getByRole('textbox', { name: 'SMS' });
  const save = texts.getByRole('button', { name: 'Save' });
  await sms.fill('Hello, no link');
  await expect(texts.getByText('Without {link} nobody can open the session.')).toBeVisible();
  await expect(save).toBeDisabled();
  await sms.fill('{agent} of {org} calls about łódź and all the rest: {link}');
  await expect(texts.getByText(/2 messages/).first()).toBeVisible();
  await save.click();
  await expect(texts.getByText('Saved', { exact: true })).toBeVisible();
  const tab = await startSession(ada);
  await sendSms(tab);
  await expect(box(tab).getByText('The gateway has taken it.')).toBeVisible();
  expect(gateway.messages[0]!.text).toMatch(/^Ada of Deskside calls about łódź and all the rest: http/);
  server.addAgent('Bob');
  const bob = await new (await import('./agent')).Agent(await newBrowser(), server, 'Bob').signIn();
  const page = await bob.context.newPage();
  await page.goto(`${server.url}/texts`);
  await expect(page.getByText(/administrator/i).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);
});
