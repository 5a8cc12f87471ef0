// An end-user in a browser of their own.

import { type BrowserContext, expect, type Locator, type Page } from '@playwright/test';

export class EndUser {
  constructor(readonly context: BrowserContext, readonly page: Page) {}

  static async arrive(context: BrowserContext, url: string): Promise<EndUser> {
    const user = new EndUser(context, await context.newPage());
    await user.page.goto(url);
    return user;
  }

  get startButton(): Locator {
    return this.page.getByRole('button', { name: 'Start chat' });
  }

  get message(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get conversation(): Locator {
    return this.page.getByRole('log', { name: 'Conversation' });
  }

  /** Everything said, in the order on the screen. */
  get said(): Locator {
    return this.conversation.locator('.text');
  }

  async start(): Promise<void> {
    await this.startButton.click();
    await expect(this.conversation).toContainText('You started the chat.');
  }

  async say(text: string): Promise<void> {
    await this.message.fill(text);
    await this.message.press('Enter');
    await expect(this.message).toHaveValue('');
  }

  /** Says something, and returns when it is stored: what others say comes after it. */
  async sayStored(text: string): Promise<void> {
    await this.say(text);
    await expect(this.bubble(text).last().getByRole('img', { name: /^(Sent|Delivered|Read)$/ })).toBeVisible();
  }

  /** One message with its time, state and menu. */
  bubble(text: string): Locator {
    return this.conversation.locator('.msg', { hasText: text });
  }

  /** The state that stands at an own message. */
  async expectMark(text: string, mark: 'Sending' | 'Sent' | 'Delivered' | 'Read'): Promise<void> {
    await expect(this.bubble(text).getByRole('img', { name: mark, exact: true })).toBeVisible();
  }

  async end(): Promise<void> {
    await this.page.getByRole('button', { name: 'End chat' }).click();
    await this.page.getByRole('dialog').getByRole('button', { name: 'End chat' }).click();
  }
}
