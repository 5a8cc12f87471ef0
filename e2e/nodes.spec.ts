// Several nodes are one service: nobody notices which of them serves whom, and
// whatever ends costs a moment and no message.

import { inConsole, type Session } from './agent';
import type { EndUser } from './enduser';
import { test } from './nodes';
import { expect } from './test';
import type { Page } from '@playwright/test';

/** Both sides show what the log has, each message once and in its order. */
async function agree(session: Session, tab: Page, user: EndUser, texts: string[]): Promise<void> {
  await expect(user.said).toHaveText(texts);
  await expect(inConsole(tab).said).toHaveText(texts);
  expect(await session.texts()).toEqual(texts);
}

test('who knocks at one node is admitted at another, and both talk', async ({ ada, arrive, server, balancer }) => {
  const tab = await ada.startInTab(await ada.support());
  const session = await ada.sessionOf(tab);
  const user = await arrive(server.url);
  await user.page.getByRole('textbox', { name: 'Support Key' }).fill(session.key);
  await user.page.getByRole('button', { name: 'Continue' }).click();
  await tab.getByRole('button', { name: 'Admit' }).click();
  await user.sayStored('Hello from one node');
  await expect(inConsole(tab).said).toHaveText(['Hello from one node']);
  await inConsole(tab).message.fill('Hello from another');
  await inConsole(tab).message.press('Enter');
  await agree(session, tab, user, ['Hello from one node', 'Hello from another']);
  await user.message.pressSequentially('I am');
  await expect(tab.getByText(/is typing/)).toBeVisible();
  for (const n of balancer.served) expect(n).toBeGreaterThan(2);
});

test('a node that dies, and one that is replaced, cost a moment and no message', async ({ ada, arrive, nodes }) => {
  const tab = await ada.startInTab(await ada.support());
  const session = await ada.sessionOf(tab);
  const user = await arrive(session.card.link);
  await user.start();
  const texts: string[] = [];
  const say = async (text: string) => {
    texts.push(text);
    await user.say(text);
    await expect(inConsole(tab).said.last()).toHaveText(text);
    texts.push(`${text}?`);
    await inConsole(tab).message.fill(`${text}?`);
    await inConsole(tab).message.press('Enter');
    await expect(user.said.last()).toHaveText(`${text}?`);
  };
  await say('Both are up');
  await nodes[0]!.kill();
  await say('One has died');
  await nodes[0]!.launch();
  await nodes[1]!.stop();
  await say('The other is being replaced');
  await nodes[1]!.launch();
  await say('Both are up again');
  await agree(session, tab, user, texts);
  await expect(user.page.getByText('Connection lost')).toBeHidden();
});

test('while the database is away messages wait in the pages, and go out once', async ({ ada, arrive, database }) => {
  const tab = await ada.startInTab(await ada.support());
  const session = await ada.sessionOf(tab);
  const user = await arrive(session.card.link);
  await user.start();
  await user.sayStored('Before');
  await database.tell('stop');
  await user.say('In between');
  await user.expectMark('In between', 'Sending');
  await inConsole(tab).message.fill('On this side too');
  await inConsole(tab).message.press('Enter');
  await expect(inConsole(tab).said.last()).toHaveText('On this side too');
  await database.tell('run');
  await user.expectMark('In between', 'Read');
  await expect(user.said).toHaveCount(3);
  await user.sayStored('After');
  const texts = await session.texts();
  expect(texts.toSorted()).toEqual(['After', 'Before', 'In between', 'On this side too']);
  await agree(session, tab, user, texts);
});
