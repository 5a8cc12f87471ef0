// The main job, from the agent's sign-in to the session in History.

import { expect, test } from './test';
import { inConsole } from './agent';

test('the whole walk', async ({ ada, arrive }) => {
  const support = await ada.signInByPage();
  const tab = await ada.startInTab(support);
  const console = inConsole(tab);

  await test.step('the tab has the key, its QR code, the time left, and the ways to invite', async () => {
    await expect(tab.getByRole('img', { name: 'QR code of the session link' })).toBeVisible();
    await expect(tab.getByRole('timer')).toHaveText(/^(60:00|59:\d\d) left to start$/);
    await expect(tab.getByRole('tab', { name: 'Support Session' })).toHaveAttribute('aria-selected', 'true');
    await expect(tab.getByRole('heading', { name: 'Invite' })).toBeVisible();
    const { key } = await ada.sessionOf(tab);
    await expect(tab.getByText(key, { exact: true })).toBeVisible();
  });

  await test.step('the check box is off, is kept, and says what it does', async () => {
    const wish = tab.getByRole('checkbox', { name: 'Request remote control as soon as end-user arrives' });
    await expect(wish).not.toBeChecked();
    await wish.check();
    await expect(tab.getByText('The end-user is asked for control as soon as they are there.')).toBeVisible();
    const session = await ada.sessionOf(tab);
    await expect.poll(() => session.events('control-wished')).toHaveLength(1);
    await tab.reload();
    await expect(wish).toBeChecked();
    await wish.uncheck();
  });

  await test.step('Send SMS offers the text for the own phone', async () => {
    await tab.getByRole('button', { name: 'Send SMS' }).click();
    const dialog = tab.getByRole('dialog', { name: 'Send SMS' });
    await dialog.getByLabel('Mobile phone number').fill('0151 2');
    await expect(dialog.getByRole('button', { name: 'Send SMS' })).toBeDisabled();
    await dialog.getByLabel('Mobile phone number').fill('0151 23456789');
    await expect(dialog.getByText('+4915123456789 looks right.')).toBeVisible();
    await dialog.getByRole('button', { name: 'Send SMS' }).click();
    await expect(dialog.getByText('0151 23456789')).toBeVisible();
    await expect(dialog.getByRole('img', { name: 'QR code of the text message' })).toBeVisible();
    const href = await dialog.getByRole('link', { name: 'Open the message' }).getAttribute('href');
    expect(decodeURIComponent(href!)).toMatch(/^sms:\+4915123456789\?body=.*\/j\//);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(dialog).toBeHidden();
  });

  await test.step('Send Email opens a written message', async () => {
    const { link } = (await ada.sessionOf(tab)).card;
    const href = await tab.getByRole('button', { name: 'Send Email' }).getAttribute('href');
    expect(href).toMatch(/^mailto:\?/);
    expect(decodeURIComponent(href!)).toContain(link);
    await expect(tab.getByText('default email application')).toBeVisible();
  });

  const link = await test.step('Copy to Clipboard copies the session link and says so', async () => {
    await tab.getByRole('button', { name: 'Copy to Clipboard' }).click();
    await expect(tab.getByRole('button', { name: 'Copied' })).toBeVisible();
    const copied = await tab.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe((await ada.sessionOf(tab)).card.link);
    return copied;
  });

  const user = await test.step('the end-user opens the link, reads who waits and what they see, and starts', async () => {
    const user = await arrive(link);
    await expect(user.page.getByRole('heading', { name: 'Ada from Deskside is waiting for you' })).toBeVisible();
    await expect(user.page.getByText('They cannot see your screen.')).toBeVisible();
    await expect(tab.getByText('Link opened once')).toBeVisible();
    await user.start();
    await expect(console.conversation).toContainText('End-user started the chat.');
    await expect(tab.getByText('End-user is here').first()).toBeVisible();
    await expect(user.page.getByText('here now')).toBeVisible();
    return user;
  });

  await test.step('they chat: typing, presence, and the states of a message', async () => {
    await user.message.pressSequentially('My printer');
    await expect(tab.getByText('End-user is typing')).toBeVisible();
    await user.message.press('Enter');
    await expect(console.said).toHaveText(['My printer']);
    await expect(tab.getByText('End-user is typing')).toBeHidden();
    await user.expectMark('My printer', 'Read');
    await console.message.pressSequentially('What does');
    await expect(user.page.getByText('Ada is typing')).toBeVisible();
    await console.message.press('Shift+Enter');
    await console.message.pressSequentially('it say?');
    await console.message.press('Enter');
    await expect(console.message).toHaveValue('');
    await expect(user.said.nth(1)).toHaveText('What does\nit say?', { useInnerText: true });
    await expect(tab.getByRole('article').filter({ hasText: 'What does' }).getByRole('img', { name: 'Read' })).toBeVisible();
  });

  await test.step('a note is for agents only', async () => {
    await tab.getByRole('button', { name: 'Write a note for agents' }).click();
    await tab.getByRole('textbox', { name: 'Note for agents only' }).fill('third call this week');
    await tab.keyboard.press('Enter');
    await expect(tab.getByRole('article', { name: 'Note by Ada' })).toContainText('third call this week');
  });

  await test.step('a message is edited, another withdrawn', async () => {
    await console.message.fill('Is it onn?');
    await console.message.press('Enter');
    await expect(user.said.last()).toHaveText('Is it onn?');
    await console.message.press('ArrowUp');
    await expect(console.message).toHaveValue('Is it onn?');
    await console.message.fill('Is it on?');
    await console.message.press('Enter');
    await expect(user.bubble('Is it on?')).toContainText('edited');
    const edited = tab.getByRole('article').filter({ hasText: 'Is it on?' });
    await edited.getByRole('button', { name: 'edited' }).click();
    await expect(edited.getByRole('list', { name: 'Earlier texts' })).toContainText('Is it onn?');
    await console.message.fill('wrong window');
    await console.message.press('Enter');
    await expect(user.said.last()).toHaveText('wrong window');
    const wrong = tab.getByRole('article').filter({ hasText: 'wrong window' });
    await wrong.hover();
    await wrong.getByRole('button', { name: 'What to do with this message' }).click();
    await tab.getByRole('button', { name: 'Withdraw' }).click();
    await expect(user.said.last()).toHaveText('Ada withdrew a message.');
    await expect(console.conversation).not.toContainText('wrong window');
  });

  await test.step('the Support page lists the session with what waits', async () => {
    await user.say('It works again, thank you!');
    await expect(support.getByRole('link').filter({ hasText: 'It works again' })).toContainText('1 unanswered');
  });

  await test.step('End session asks once and ends it for both', async () => {
    await console.end.click();
    await tab.getByRole('dialog').getByRole('button', { name: 'End session' }).click();
    await expect(user.page.getByRole('heading', { name: 'This chat has ended' })).toBeFocused();
    await expect(user.page.getByText('Ada ended the session.').first()).toBeVisible();
    await expect(console.end).toBeHidden();
    await expect(support.getByText('No sessions are open.')).toBeVisible();
  });

  await test.step('the end-user keeps the conversation and rates the help', async () => {
    const download = user.page.waitForEvent('download');
    await user.page.getByRole('link', { name: 'Text', exact: true }).click();
    const text = (await (await (await download).createReadStream()).toArray()).join('');
    for (const said of ['My printer', 'Is it on?', 'It works again, thank you!']) expect(text).toContain(said);
    for (const hidden of ['wrong window', 'third call', 'onn']) expect(text).not.toContain(hidden);
    await user.page.getByRole('button', { name: 'Good', exact: true }).click();
    await expect(user.page.getByText('Thank you.')).toBeVisible();
    await tab.reload(); // the stream is over with the session
    await expect(tab.getByText('Good', { exact: true })).toBeVisible();
  });

  await test.step('the agent notes the outcome', async () => {
    await tab.getByRole('radio', { name: 'Resolved', exact: true }).check({ force: true });
    await tab.getByRole('textbox', { name: 'Note' }).fill('The cable was loose');
    await tab.getByRole('textbox', { name: 'Tags' }).fill('printer, cable');
    await tab.getByRole('button', { name: 'Save summary' }).click();
    await expect(tab.getByText('Saved', { exact: true })).toBeVisible();
  });

  await test.step('History finds it by what was said', async () => {
    await support.getByRole('link', { name: 'History' }).click();
    await support.getByRole('searchbox', { name: 'Search in conversations' }).fill('nothing of this kind');
    await expect(support.getByText('No session has these words.')).toBeVisible();
    for (const words of ['printer', 'loose', 'works aga']) {
      await support.getByRole('searchbox', { name: 'Search in conversations' }).fill(words);
      await expect(support.getByRole('main').getByRole('link').getByText('Resolved')).toBeVisible();
    }
    await support.getByRole('main').getByRole('link').click();
    await expect(support.getByRole('log')).toContainText('It works again, thank you!');
    await expect(support.getByRole('textbox', { name: 'Note' })).toHaveValue('The cable was loose');
  });
});
