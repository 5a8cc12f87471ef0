// An X server with a screen of its own, a window manager, and what a test does
// at it.

import { type Browser, chromium, expect, type Page } from '@playwright/test';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import { flags } from './sharer';

const root = resolve(import.meta.dirname, '..');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export interface DesktopOptions {
  size?: string;
  /** The keyboard's layout, as setxkbmap names it. */
  layout?: string;
}

export class Desktop {
  readonly #children: ChildProcess[] = [];
  readonly #browsers: Browser[] = [];

  private constructor(readonly display: string) {}

  /** Starts a screen with a layout. */
  static async start({ size = '1600x900', layout = 'us' }: DesktopOptions = {}): Promise<Desktop> {
    const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', `${size}x24`, '-nolisten', 'tcp', '-noreset'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const display = await new Promise<string>((done, failed) => {
      server.stdout.once('data', (number) => done(`:${String(number).trim()}`));
      server.once('error', failed);
    });
    const desktop = new Desktop(display);
    desktop.#children.push(server);
    desktop.run('setxkbmap', layout);
    desktop.run('xsetroot', '-solid', '#24506e');
    desktop.spawn('openbox');
    return desktop;
  }

  get env(): Record<string, string> {
    return { ...(process.env as Record<string, string>), DISPLAY: this.display };
  }

  run(program: string, ...args: string[]): string {
    return execFileSync(program, args, { env: this.env, encoding: 'utf8' });
  }

  spawn(program: string, ...args: string[]): ChildProcess {
    const child = spawn(program, args, { env: this.env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#children.push(child);
    return child;
  }

  /** Opens a browser in a window at a place. */
  async browser(place: string, size: string, ...args: string[]): Promise<Browser> {
    const browser = await chromium.launch({ executablePath, headless: false, env: this.env, args: [...flags, `--window-position=${place}`, `--window-size=${size}`, ...args] });
    this.#browsers.push(browser);
    return browser;
  }

  /** Somebody with a mouse and a keyboard of their own, or who uses the screen's. */
  async person(...args: ['core'?]): Promise<Person> {
    const program = join(root, '.cache', 'person');
    execFileSync('go', ['build', '-o', program, './e2e/person'], { cwd: root });
    const person = new Person(this.spawn(program, ...(args as string[])));
    await person.ready();
    return person;
  }

  async stop(): Promise<void> {
    for (const browser of this.#browsers) await browser.close().catch(() => undefined);
    for (const child of this.#children.toReversed()) child.kill();
  }
}

export class Person {
  readonly #answers: AsyncIterator<string>;

  constructor(private readonly child: ChildProcess) {
    this.#answers = createInterface(child.stdout!)[Symbol.asyncIterator]();
  }

  async ready(): Promise<string> {
    const { value } = (await this.#answers.next()) as { value?: string };
    expect(value).toMatch(/^ok/);
    return value!.slice(3);
  }

  async does(...lines: string[]): Promise<void> {
    for (const line of lines) {
      this.child.stdin!.write(`${line}\n`);
      await this.ready();
    }
  }

  /** Takes their mouse and keyboard along. Chromium hears no keys of the first keyboard while there is a second. */
  async leave(): Promise<void> {
    const left = new Promise((done) => this.child.once('exit', done));
    this.child.stdin!.end();
    await left;
  }

  /** Where the pointer is that the helper moves. */
  async pointer(): Promise<number[]> {
    this.child.stdin!.write('pointer\n');
    return (await this.ready()).split(' ').map(Number);
  }

  /** The keys and buttons that are down, on the keyboard and mouse that the helper uses. */
  async held(): Promise<string> {
    this.child.stdin!.write('held\n');
    return this.ready();
  }
}

/** What another program of the end-user's sees of mouse and keys. */
export interface Seen {
  type: string;
  x: number;
  y: number;
  button: number;
  detail: number;
  key: string;
  code: string;
  dx: number;
  dy: number;
  held: string;
}

const TARGET = `<!doctype html><title>Another program</title>
<style>html,body{margin:0;height:100%}textarea{position:fixed;inset:0 0 50% 0;width:100%;font:20px sans-serif}div{position:fixed;inset:50% 0 0 0;background:#fc6}</style>
<textarea autofocus></textarea><div></div>
<script>
  window.seen = [];
  for (const type of ['mousedown','mouseup','dblclick','contextmenu','wheel','keydown','keyup','mousemove'])
    addEventListener(type, (e) => seen.push({ type, x: e.screenX ?? 0, y: e.screenY ?? 0, button: e.button ?? 0, detail: e.detail ?? 0, key: e.key ?? '', code: e.code ?? '', dx: e.deltaX ?? 0, dy: e.deltaY ?? 0,
      held: [e.ctrlKey && 'c', e.shiftKey && 's', e.altKey && 'a', e.metaKey && 'm'].filter(Boolean).join('') }), { capture: true });
  addEventListener('contextmenu', (e) => e.preventDefault());
</script>`;

/** Opens the other program. */
export async function openTarget(desktop: Desktop, place: string, size: string): Promise<Page> {
  const browser = await desktop.browser(place, size);
  const page = await (await browser.newContext({ locale: 'en-GB', viewport: null })).newPage();
  await page.setContent(TARGET);
  return page;
}

export function seen(target: Page, ...types: string[]): Promise<Seen[]> {
  return target.evaluate((types) => (window as unknown as { seen: Seen[] }).seen.filter((s) => types.includes(s.type)), types);
}

export function forget(target: Page): Promise<void> {
  return target.evaluate(() => void ((window as unknown as { seen: Seen[] }).seen.length = 0));
}

/** The middle of something in a page, on the screen. */
export function onScreen(page: Page, selector: string): Promise<{ x: number; y: number }> {
  return page.evaluate((selector) => {
    const box = document.querySelector(selector)!.getBoundingClientRect();
    const [left, top] = [screenX + (outerWidth - innerWidth) / 2, screenY + outerHeight - innerHeight - (outerWidth - innerWidth) / 2];
    return { x: Math.round(left + box.left + box.width / 2), y: Math.round(top + box.top + box.height / 2) };
  }, selector);
}
