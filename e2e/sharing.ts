// What journeys with a shared screen have in common.

import { type Browser, expect, type Page } from '@playwright/test';
import type { Session } from './agent';
import type { EndUser } from './enduser';
import { arriveAsSharer, openSharer, seesPattern, type SharerOptions } from './sharer';
import { test as base } from './test';

interface Sharing {
  /** A session with the agent in its tab, and the end-user in a browser of their own. */
  meet(options?: SharerOptions): Promise<{ session: Session; tab: Page; user: EndUser }>;
}

export const test = base.extend<Sharing>({
  meet: async ({ ada }, use) => {
    const browsers: Browser[] = [];
    await use(async (options) => {
      const { browser, context } = await openSharer(options);
      browsers.push(browser);
      const tab = await ada.startInTab(await ada.support());
      const session = await ada.sessionOf(tab);
      const user = await arriveAsSharer(context, session.card.link);
      await user.start();
      return { session, tab, user };
    });
    for (const browser of browsers) await browser.close();
  },
});

export const card = (page: Page) => page.getByRole('alertdialog');
export const bar = (page: Page) => page.getByRole('region', { name: 'What you share' });
export const stage = (tab: Page) => tab.getByRole('region', { name: 'The end-user’s screen' });

/** Answers what the card asks, once it can be, with a pointer that comes from elsewhere, as people's do. */
export async function agree(page: Page, name: string): Promise<void> {
  const yes = card(page).getByRole('button', { name });
  await page.mouse.move(5, 5);
  await expect(yes).toHaveAttribute('aria-disabled', 'false');
  await yes.click();
  await expect(yes).toBeHidden();
}

/** Has the agent ask, and the end-user share. */
export async function share(tab: Page, user: EndUser): Promise<void> {
  await tab.getByRole('button', { name: 'Request view' }).click();
  await agree(user.page, 'Share my screen');
  await expect(bar(user.page)).toBeVisible();
  await expect.poll(() => seesPattern(tab)).toBe(true);
}

/** Draws over the agent's picture with the tool that is in the hand, from place to place; they are 0 to 1 of the picture. */
export async function drag(tab: Page, ...[from, ...way]: [x: number, y: number][]): Promise<void> {
  const { x, y, width, height } = (await stage(tab).locator('.hand').boundingBox())!;
  const move = ([h, v]: [number, number], steps: number) => tab.mouse.move(x + width * h, y + height * v, { steps });
  await move(from!, 1);
  await tab.mouse.down();
  for (const to of way) await move(to, 4);
  await tab.mouse.up();
}

/** Says how much is painted around a place on the end-user's preview. */
export function painted(page: Page, x: number, y: number): Promise<number> {
  return page.locator('.preview canvas').evaluate((canvas: HTMLCanvasElement, [x, y]) => {
    const { data } = canvas.getContext('2d')!.getImageData(canvas.width * x! - 6, canvas.height * y! - 6, 12, 12);
    return data.filter((v, i) => i % 4 === 3 && v > 0).length;
  }, [x, y]);
}

/** Both comparison codes of the one agent who sees the screen. */
export async function codes(tab: Page, user: EndUser): Promise<(string | null)[]> {
  return Promise.all([stage(tab).locator('.code b').textContent(), bar(user.page).locator('.code').textContent()]);
}

export async function whys(session: Session, type: 'view-declined' | 'view-stopped'): Promise<string[]> {
  return (await session.events(type)).map((e) => e.data.why);
}
