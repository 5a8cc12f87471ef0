// What each journey has: a server of its own, and people with browsers.

import { type BrowserContext, type BrowserContextOptions, type Locator, test as base } from '@playwright/test';
import { Agent } from './agent';
import { EndUser } from './enduser';
import { Server } from './server';

interface Journey {
  /** The settings that the server starts with. */
  settings: string[];
  server: Server;
  /** Opens a browser that shares nothing with the others. */
  newBrowser(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Ada, the administrator, signed in. */
  ada: Agent;
  /** Opens an address in a browser of its own. */
  arrive(url: string, options?: BrowserContextOptions): Promise<EndUser>;
}

/** How long people press a button, in milliseconds: what moves it meanwhile, or makes it anew, loses their press. */
export const PRESS = 120;

export const test = base.extend<Journey, { people: void }>({
  /** Has every click last for as long as people's. */
  people: [async ({ browser }, use) => {
    const page = await browser.newPage();
    const kind = Object.getPrototypeOf(page.locator('html')) as Locator;
    await page.close();
    const { click } = kind;
    kind.click = function (options) {
      return click.call(this, { delay: PRESS, ...options });
    };
    await use();
    kind.click = click;
  }, { scope: 'worker', auto: true }],
  settings: [[], { option: true }],
  server: async ({ settings }, use, info) => {
    const server = await Server.start(['Ada'], settings);
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach('server', { body: server.output });
    await server.remove();
  },
  newBrowser: async ({ browser }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ locale: 'en-GB', ...options });
      opened.push(context);
      return context;
    });
    for (const context of opened) await context.close();
  },
  ada: async ({ server, newBrowser }, use) => {
    const context = await newBrowser({ permissions: ['clipboard-read', 'clipboard-write'] });
    await use(await new Agent(context, server, 'Ada').signIn());
  },
  arrive: async ({ newBrowser }, use) => {
    await use(async (url, options) => EndUser.arrive(await newBrowser(options), url));
  },
});

export { expect } from '@playwright/test';
