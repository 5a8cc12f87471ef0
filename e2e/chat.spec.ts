// What was said stays said: over reloads, a killed server, a lost network,
// and a proxy that breaks WebSockets.

import { EndUser } from './enduser';
import { expect, test } from './test';
import type { Session } from './agent';

/** Both sides have exactly these messages, in this order. */
async function agree(user: EndUser, session: Session, texts: string[]): Promise<void> {
  await expect(user.said).toHaveText(texts);
  await expect.poll(() => session.texts()).toEqual(texts);
}

test('a reload in mid-conversation loses nothing and asks nothing', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  await user.sayStored('Hello');
  await session.say('Good morning');
  await user.message.fill('half a sen');
  await user.page.reload();
  await agree(user, session, ['Hello', 'Good morning']);
  await expect(user.message).toHaveValue('half a sen');
  await expect(user.startButton).toBeHidden();
  await user.say('half a sentence more');
  await agree(user, session, ['Hello', 'Good morning', 'half a sentence more']);
  expect(await session.events('arrived')).toHaveLength(1);
});

test('the first message starts the session, and the same browser comes back by the link', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.say('The printer is on fire');
  await agree(user, session, ['The printer is on fire']);
  const again = await user.context.newPage();
  await again.goto(session.card.link);
  await expect(again.getByRole('log').locator('.text')).toHaveText(['The printer is on fire']);
});

test('a server killed in mid-conversation loses nothing, doubles nothing and keeps the order', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  await user.sayStored('before 1');
  await session.say('before 2');
  await expect(user.said).toHaveCount(2);
  await user.say('in the last moment');
  await server.kill();
  await expect(user.page.getByText('Connection lost')).toBeVisible();
  for (const n of [1, 2, 3]) await user.say(`meanwhile ${n}`);
  await user.expectMark('meanwhile 3', 'Sending');
  await server.launch();
  await expect(user.page.getByText('Connection lost')).toBeHidden();
  await session.say('after');
  const texts = ['before 1', 'before 2', 'in the last moment', 'meanwhile 1', 'meanwhile 2', 'meanwhile 3'];
  await expect.poll(() => session.texts()).toHaveLength(7);
  await agree(user, session, await session.texts());
  expect((await session.texts()).filter((text) => text !== 'after')).toEqual(texts);
  const numbers = (await session.log()).map((e) => e.seq);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  await user.expectMark('meanwhile 3', 'Sent');
});

test('messages written offline survive a reload and are sent once', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  await user.say('one');
  await agree(user, session, ['one']);
  await user.context.setOffline(true);
  await expect(user.page.getByText('Connection lost')).toBeVisible();
  for (const text of ['two', 'three', 'four']) await user.say(text);
  await user.expectMark('four', 'Sending');
  expect(await session.texts()).toEqual(['one']);
  // A page can only be loaded where the network is: it comes back for the
  // page, and not yet for the chat.
  const address = user.page.url();
  await user.page.close();
  await user.context.route(`${server.url}/api/**`, (route) => route.abort());
  await user.context.routeWebSocket(/\/live/, (socket) => socket.close());
  await user.context.setOffline(false);
  const back = new EndUser(user.context, await user.context.newPage());
  await back.page.goto(address);
  await expect(back.said).toHaveText(['two', 'three', 'four']);
  await back.expectMark('two', 'Sending');
  await user.context.unroute(`${server.url}/api/**`);
  await agree(back, session, ['one', 'two', 'three', 'four']);
  await back.expectMark('four', 'Sent');
});

test('without WebSockets the chat goes on over Server-Sent Events', async ({ server, ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive('about:blank');
  const streams: string[] = [];
  user.page.on('request', (r) => r.url().includes('/stream') && streams.push(r.url()));
  await user.page.routeWebSocket(/\/live/, (socket) => socket.close());
  await user.page.goto(session.card.link);
  await user.start();
  for (let n = 1; n <= 5; n++) await user.say(`mine ${n}`);
  await session.say('yours');
  await expect(user.said).toHaveCount(6);
  await expect.poll(() => session.texts()).toHaveLength(6);
  await agree(user, session, await session.texts());
  expect((await session.texts()).filter((t) => t !== 'yours')).toEqual(['mine 1', 'mine 2', 'mine 3', 'mine 4', 'mine 5']);
  expect(streams.length).toBeGreaterThan(0);
  await server.kill();
  await user.say('while it was away');
  await server.launch();
  await expect.poll(() => session.texts()).toContain('while it was away');
  await user.expectMark('while it was away', 'Sent');
  await agree(user, session, await session.texts());
});

test('two tabs of one end-user stay in step', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  const other = await user.context.newPage();
  await other.goto(user.page.url());
  const saidThere = other.getByRole('log').locator('.text');
  await user.say('from the first tab');
  await expect(saidThere).toHaveText(['from the first tab']);
  await other.getByRole('textbox', { name: 'Message' }).fill('from the second');
  await other.keyboard.press('Enter');
  await expect(user.said).toHaveCount(2);
  await session.say('to both');
  const texts = ['from the first tab', 'from the second', 'to both'];
  await expect(saidThere).toHaveText(texts);
  await agree(user, session, texts);
  await session.ask('end');
  for (const page of [user.page, other]) await expect(page.getByRole('heading', { name: 'This chat has ended' })).toBeVisible();
});

test('a message goes from sending to sent', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  await user.say('Hello');
  await user.expectMark('Hello', 'Sent'); // no page of the agent's is open
});

test('text is text, and addresses become links that tell nobody where they were', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  const html = '<img src=x onerror="document.title=1"><b>bold</b>';
  await session.say(html);
  await session.say('see https://example.org/a?b=c, or not');
  await session.ask('link', { url: 'https://example.org/pushed' });
  await expect(user.said.first()).toHaveText(html);
  for (const name of ['https://example.org/a?b=c', 'https://example.org/pushed']) {
    const link = user.conversation.getByRole('link', { name });
    await expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
    await expect(link).toHaveAttribute('href', name);
  }
});

test('a text of 4,000 characters goes, one of 4,001 is kept with the reason', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  const longest = '🖨️'.repeat(2000); // each of two characters of Unicode
  await user.message.fill(`${longest}!`);
  await user.message.press('Enter');
  await expect(user.page.getByText('One character too many.')).toBeVisible();
  await expect(user.message).toHaveValue(`${longest}!`);
  await user.say(longest);
  await agree(user, session, [longest]);
});

test('an own message can be edited and withdrawn', async ({ ada, arrive }) => {
  const session = await ada.startSession();
  const user = await arrive(session.card.link);
  await user.start();
  await user.say('Helo');
  const menu = async (text: string) => {
    await user.bubble(text).hover();
    await user.bubble(text).getByRole('button', { name: 'What to do with this message' }).click();
  };
  await menu('Helo');
  await user.page.getByRole('button', { name: 'Edit' }).click();
  await user.page.getByRole('textbox', { name: 'Edit message' }).fill('Hello');
  await user.page.getByRole('button', { name: 'Save' }).click();
  await expect(user.bubble('Hello')).toContainText('edited');
  await menu('Hello');
  await user.page.getByRole('button', { name: 'Withdraw' }).click();
  await expect(user.said).toHaveText(['You withdrew a message.']);
  expect(JSON.stringify(await session.log())).not.toContain('Hel');
});
