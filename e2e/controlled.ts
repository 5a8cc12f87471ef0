// Journeys in which an agent controls an end-user's computer: everything real,
// on a screen of its own.

import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test';
import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent, Session } from './agent';
import { Desktop, type DesktopOptions } from './desktop';
import { EndUser } from './enduser';
import { agree, card } from './sharing';
import { test as base } from './test';

export interface Controlled {
  desktop: Desktop;
  session: Session;
  tab: Page;
  user: EndUser;
  helper: Helper;
  chat: Browser;
}

interface Fixtures {
  /** The end-user's computer; the source is what Chromium calls the screen that is shared; again: a first helper is killed before it is allowed. */
  desktopOptions: DesktopOptions;
  desktop: Desktop;
  control(options?: { source?: string; agent?: Agent; prepare?: (desktop: Desktop) => void; allow?: (window: Page) => Promise<void>; again?: boolean; context?: (c: BrowserContext) => Promise<void> }): Promise<Controlled>;
}

export const test = base.extend<Fixtures>({
  desktopOptions: [{}, { option: true }],
  desktop: async ({ desktopOptions }, use) => {
    const desktop = await Desktop.start(desktopOptions);
    await use(desktop);
    await desktop.stop();
  },
  control: async ({ ada, desktop }, use) => {
    const helpers: Helper[] = [];
    await use(async ({ source = 'Entire screen', agent = ada, prepare, allow, again, context } = {}) => {
      prepare?.(desktop);
      const chat = await desktop.browser('0,0', '700,860', `--auto-select-desktop-capture-source=${source}`);
      const tab = await agent.startInTab(await agent.support());
      const session = await agent.sessionOf(tab);
      const chatting = await chat.newContext({ locale: 'en-GB', viewport: null, acceptDownloads: true });
      await context?.(chatting);
      const user = await EndUser.arrive(chatting, session.card.link);
      await user.start();
      await tab.getByRole('button', { name: 'Request control' }).click();
      await agree(user.page, 'Continue');
      await card(user.page).getByRole('button', { name: 'Share my screen' }).click();
      const start = async () => {
        const helper = await Helper.download(desktop, user.page);
        helpers.push(helper);
        await helper.open();
        return helper;
      };
      if (again) (await start()).kill();
      const helper = await start();
      await allow?.(helper.window);
      await helper.window.getByRole('button', { name: 'Allow control' }).click();
      await expect(tab.getByText('You control', { exact: true })).toBeVisible();
      return { desktop, session, tab, user, helper, chat };
    });
    for (const helper of helpers) helper.remove();
  },
});

/** The helper, as the end-user's browser downloaded it. */
export class Helper {
  output = '';
  window!: Page;
  #process?: ChildProcess;
  readonly exited: Promise<number | null>;
  #exit!: (code: number | null) => void;

  private constructor(private readonly desktop: Desktop, readonly folder: string, readonly program: string) {
    this.exited = new Promise((done) => (this.#exit = done));
  }

  static async download(desktop: Desktop, page: Page): Promise<Helper> {
    const coming = page.waitForEvent('download');
    await card(page).getByRole('button', { name: 'Download the helper' }).click();
    const file = await coming;
    const folder = mkdtempSync(join(tmpdir(), 'deskside-helper-'));
    const archive = join(folder, file.suggestedFilename());
    await file.saveAs(archive);
    execFileSync('tar', ['xzf', archive], { cwd: folder });
    const [name] = readdirSync(folder).filter((name) => !name.endsWith('.gz')); // a folder, with a program of its name
    return new Helper(desktop, folder, join(name!, name!));
  }

  /** Starts it, and opens its window in a browser of the end-user's, beside the chat. */
  async open(...args: string[]): Promise<void> {
    const process = this.desktop.spawn(join(this.folder, this.program), '-no-browser', ...args);
    this.#process = process;
    for (const pipe of [process.stdout!, process.stderr!]) pipe.on('data', (text) => (this.output += text));
    process.once('exit', (code) => this.#exit(code));
    await expect.poll(() => this.output).toContain('http://127.0.0.1');
    const browser = await this.desktop.browser('0,300', '560,560');
    this.window = await (await browser.newContext({ locale: 'en-GB', viewport: null })).newPage();
    await this.window.goto(/http:\S+/.exec(this.output)![0]);
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  remove(): void {
    this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Where a place of the end-user's screen is in the agent's tab, once that shows it. */
export async function inPicture(tab: Page, { x, y }: { x: number; y: number }): Promise<{ x: number; y: number }> {
  await expect(tab.locator('.stage video')).toBeVisible(); // it keeps its size, and is hidden, while another tab has the picture
  await expect(tab.locator('.stage video')).not.toHaveJSProperty('videoWidth', 0);
  return tab.evaluate(({ x, y }) => {
    const video = document.querySelector<HTMLVideoElement>('.stage video')!;
    const box = video.getBoundingClientRect();
    return { x: box.left + ((x + 0.5) * box.width) / video.videoWidth, y: box.top + ((y + 0.5) * box.height) / video.videoHeight };
  }, { x, y });
}

/** The agent clicks on a place of the end-user's screen. */
export async function clickAt(tab: Page, at: { x: number; y: number }, options: Parameters<Page['mouse']['click']>[2] = {}): Promise<void> {
  const { x, y } = await inPicture(tab, at);
  await tab.mouse.click(x, y, options);
}

/** Writes a file that a program of the end-user's reads. */
export function write(folder: string, name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
