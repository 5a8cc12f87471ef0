// Every way to the session, and every page of a way that leads nowhere.

import type { Page } from '@playwright/test';
import { expect, test } from './test';

/** Types a key on the front page. */
async function typeKey(page: Page, key: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Support Key' }).fill(key);
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('who types the key waits with a check number until the agent admits them', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(server.url);
  await typeKey(user.page, session.key.replaceAll('-', ' '));
  await expect(user.page.getByRole('heading', { name: 'Tell this number to your agent' })).toBeVisible();
  const { participant, check, via } = await session.knocked();
  expect(via).toBe('key');
  await expect(user.page.getByText(check, { exact: true })).toBeVisible();
  await user.page.reload();
  await expect(user.page.getByText(check, { exact: true })).toBeVisible();
  await session.ask('admit', { participant });
  await expect(user.conversation).toBeVisible();
  await user.say('Here I am');
  await expect.poll(() => session.texts()).toEqual(['Here I am']);
});

test('who is refused learns it, and has a way on', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(server.url);
  await typeKey(user.page, session.key);
  const { participant } = await session.knocked();
  await session.ask('refuse', { participant });
  await expect(user.page.getByRole('heading', { name: 'Ada did not let you in' })).toBeVisible();
  await user.page.getByRole('link', { name: 'Type a Support Key' }).click();
  await expect(user.page.getByRole('textbox', { name: 'Support Key' })).toBeFocused();
});

test('a second browser finds the session in use, asks to join, and is admitted', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const first = await arrive(session.card.link);
  await first.start();
  await first.say('I was here first');
  const second = await arrive(session.card.link);
  await expect(second.page.getByRole('heading', { name: 'This chat has already started' })).toBeVisible();
  await expect(second.page.getByText('I was here first')).toBeHidden();
  await second.page.getByRole('button', { name: 'Ask to join' }).click();
  const { participant, check, via } = await session.knocked();
  expect(via).toBe('link');
  await expect(second.page.getByText(check, { exact: true })).toBeVisible();
  await session.ask('admit', { participant });
  await expect(second.said).toHaveText(['I was here first']);
  await second.say('And I am the second');
  await expect(first.said).toHaveText(['I was here first', 'And I am the second']);
});

test('a key that is in use leads from the front page to Ask to join too', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  await (await arrive(session.card.link)).start();
  const second = await arrive(server.url);
  await typeKey(second.page, session.key);
  await second.page.getByRole('button', { name: 'Ask to join' }).click();
  const { participant } = await session.knocked();
  await session.ask('admit', { participant });
  await expect(second.conversation).toBeVisible();
});

test('a key that is incomplete, too long or unknown says so and stays in the field', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(server.url);
  const field = user.page.getByRole('textbox', { name: 'Support Key' });
  await typeKey(user.page, '123-456-7');
  await expect(user.page.getByText('2 digits are missing: 123-456-7••.')).toBeVisible();
  await expect(field).toHaveValue('123-456-7');
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await typeKey(user.page, '123-456-7890');
  await expect(user.page.getByText('These are more than nine digits.')).toBeVisible();
  const unknown = session.card.key === '000000000' ? '000-000-001' : '000-000-000';
  await typeKey(user.page, unknown);
  await expect(user.page.getByText('This key was not recognised.')).toBeVisible();
  await typeKey(user.page, session.key);
  await expect(user.page.getByRole('heading', { name: 'Tell this number to your agent' })).toBeVisible();
});

test('a link pasted into the key field opens its page', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(server.url);
  await typeKey(user.page, session.card.link);
  await expect(user.startButton).toBeVisible();
});

test('links that are unknown, revoked or ended have a page each, with a way on', async ({ server, ada, arrive }) => {
  const revoked = await ada.startSession();
  await revoked.ask('revoke');
  const replaced = await ada.startSession();
  await replaced.ask('renew');
  const ended = await ada.startSession();
  await ended.ask('end');
  for (const [link, heading] of [
    [`${server.url}/j/AAAAAAAAAAAAAAAAAAAAAA`, 'There is no session here'],
    [revoked.card.link, 'This link was replaced'],
    [replaced.card.link, 'This link was replaced'],
    [ended.card.link, 'This session has ended'],
  ] as const) {
    const { page } = await arrive(link);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page.getByRole('textbox', { name: 'Message' })).toBeHidden();
    await page.getByRole('link', { name: 'Type a Support Key' }).click();
    await expect(page.getByRole('textbox', { name: 'Support Key' })).toBeVisible();
  }
});

test('typed keys that are revoked or ended say so', async ({ server, ada, arrive }) => {
  const revoked = await ada.startSession();
  await revoked.ask('revoke');
  const ended = await ada.startSession();
  await (await arrive(ended.card.link)).start();
  await ended.ask('end');
  const user = await arrive(server.url);
  await typeKey(user.page, revoked.key);
  await expect(user.page.getByText('Your agent replaced this key.')).toBeVisible();
  await typeKey(user.page, ended.key);
  await expect(user.page.getByText('The session of this key has ended.')).toBeVisible();
});

test('a session that ends while somebody waits outside tells them', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(server.url);
  await typeKey(user.page, session.key);
  await session.knocked();
  await session.ask('end');
  await expect(user.page.getByRole('heading', { name: 'This session has ended' })).toBeVisible();
});

test('a link that dies while its page is open says so when Start chat is pressed', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await session.ask('revoke');
  await user.startButton.click();
  await expect(user.page.getByRole('heading', { name: 'This link was replaced' })).toBeVisible();
});

test('the end-user ends the chat, rates it, keeps it, and finds it again', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  await user.say('It works again');
  await expect.poll(() => session.texts()).toHaveLength(1);
  await user.page.getByRole('button', { name: 'End chat' }).click();
  await user.page.keyboard.press('Escape');
  await expect(user.page.getByRole('dialog')).toBeHidden();
  await user.end();
  await expect(user.page.getByRole('heading', { name: 'This chat has ended' })).toBeVisible();
  await expect(user.page.getByText('You allowed Ada to chat with you, and nothing else')).toBeVisible();
  await user.page.getByRole('button', { name: 'Good', exact: true }).click();
  await expect(user.page.getByText('Thank you.')).toBeVisible();
  expect((await session.events('rated'))[0]!.data.rating).toBe('good');
  for (const kind of ['Text', 'Web page', 'Data']) {
    const download = user.page.waitForEvent('download');
    await user.page.getByRole('link', { name: kind, exact: true }).click();
    const text = await (await download).createReadStream().then(async (s) => (await s.toArray()).join(''));
    expect(text).toContain('It works again');
  }
  await user.page.goto(session.card.link);
  await expect(user.page.getByRole('heading', { name: 'This chat has ended' })).toBeVisible();
  await expect(user.said).toHaveText(['It works again']);
  await expect(user.page.getByRole('button', { name: 'Good', exact: true })).toHaveAttribute('aria-pressed', 'true');
});

test.describe('with an organisation that can be reached otherwise', () => {
  test.use({ settings: ['--organisation', 'Acme IT', '--contact', 'phone 0800 123'] });

  test('pages of dead links say how', async ({ server, ada, arrive }) => {
    const session = await ada.startSession();
    const user = await arrive(session.card.link);
    await expect(user.page.getByRole('heading', { name: 'Ada from Acme IT is waiting for you' })).toBeVisible();
    await session.ask('revoke');
    for (const address of [session.card.link, `${server.url}/j/AAAAAAAAAAAAAAAAAAAAAA`, server.url]) {
      await user.page.goto(address);
      await expect(user.page.getByText('phone 0800 123')).toBeVisible();
    }
  });
});
