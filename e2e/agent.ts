// An agent: what they do by the API, for journeys that are about the
// end-user, and what they do in the Console.

import { type APIRequestContext, type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import type { Bodies, EventType, SessionEvent } from '../web/src/lib/protocol';
import { emailOf, password, type Server } from './server';

export class Agent {
  constructor(readonly context: BrowserContext, readonly server: Server, readonly name: string) {}

  private get api(): APIRequestContext {
    return this.context.request;
  }

  /** Signs in without a page: the browser has the cookie from then on. */
  async signIn(): Promise<this> {
    const answer = await this.api.post(`${this.server.url}/sign-in`, { form: { email: emailOf(this.name), password }, maxRedirects: 0 });
    expect(answer.status(), 'sign in').toBe(303);
    return this;
  }

  /** Signs in as people do, and has the Support page then. */
  async signInByPage(): Promise<Page> {
    await this.context.clearCookies();
    const page = await this.context.newPage();
    await page.goto(`${this.server.url}/sign-in`);
    await page.getByLabel('Email').fill(emailOf(this.name));
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Instant remote support' })).toBeVisible();
    return page;
  }

  /** Opens the Support page. */
  async support(): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`${this.server.url}/support`);
    return page;
  }

  /** Starts a session on the Support page: it opens in a tab of its own. */
  async startInTab(support: Page): Promise<Page> {
    const opened = this.context.waitForEvent('page');
    await support.getByRole('button', { name: 'Start remote support session' }).click();
    const tab = await opened;
    await expect(tab.getByText(/^\d{3}-\d{3}-\d{3}$/)).toBeVisible();
    return tab;
  }

  /** Starts a session without a page. */
  async startSession(): Promise<Session> {
    const { id } = await this.json<{ id: string }>('POST', '/api/sessions', {});
    return this.session(id);
  }

  /** The session that a tab shows. */
  sessionOf(tab: Page): Promise<Session> {
    return this.session(new URL(tab.url()).pathname.split('/')[2]!);
  }

  private async session(id: string): Promise<Session> {
    return new Session(this, id, await this.json<Card>('GET', `/api/sessions/${id}/key`));
  }

  async json<T>(method: 'GET' | 'POST', path: string, data?: object): Promise<T> {
    const answer = await this.api.fetch(this.server.url + path, { method, data });
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
    return (await answer.json()) as T;
  }
}

interface Card {
  key: string;
  link: string;
}

type EventOf<T extends EventType> = Extract<SessionEvent, { type: T }> & { data: Bodies[T] };

/** A session, as its agent has it by the API. */
export class Session {
  private requests = 0;

  constructor(private readonly agent: Agent, readonly id: string, readonly card: Card) {}

  /** The key as people read it. */
  get key(): string {
    return this.card.key.replace(/(\d{3})(\d{3})(\d{3})/, '$1-$2-$3');
  }

  ask(type: string, fields: object = {}): Promise<{ seq: number }> {
    return this.agent.json('POST', `/api/sessions/${this.id}/requests`, { ...fields, type, id: `api-${++this.requests}-${Math.random()}` });
  }

  say(text: string): Promise<{ seq: number }> {
    return this.ask('post', { text });
  }

  /** The whole log. */
  async log(): Promise<SessionEvent[]> {
    const { events } = await this.agent.json<{ events: SessionEvent[] }>('GET', `/api/sessions/${this.id}/events?after=0&limit=500`);
    return events;
  }

  async events<T extends EventType>(type: T): Promise<EventOf<T>[]> {
    return (await this.log()).filter((e) => e.type === type) as EventOf<T>[];
  }

  /** What was said, in the log's order. */
  async texts(): Promise<string[]> {
    return (await this.events('message')).map((e) => e.data.text);
  }

  /** Waits until somebody stands at the door, and returns them. */
  async knocked(): Promise<Bodies['knocked']> {
    await expect.poll(async () => (await this.events('knocked')).length).toBeGreaterThan(0);
    return (await this.events('knocked')).at(-1)!.data;
  }
}

/** The session's tab in the Console, by what is on it. */
export function inConsole(tab: Page) {
  return {
    message: tab.getByRole('textbox', { name: 'Message' }),
    conversation: tab.getByRole('log'),
    end: tab.getByRole('button', { name: 'End session' }),
    said: tab.getByRole('log').locator('.text') as Locator,
  };
}
