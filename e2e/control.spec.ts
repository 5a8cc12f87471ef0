// Control of the end-user's computer, the whole way: request, whole screen,
// helper, mouse and keyboard, and every way in which it ends.

import { expect, type Page } from '@playwright/test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './axe';
import { clickAt, type Controlled, inPicture, test } from './controlled';
import { Desktop, forget, onScreen, openTarget, seen } from './desktop';
import { agree, bar, card } from './sharing';

const FONT = ['-fa', 'DejaVu Sans Mono', '-fs', '11'];

const controls = (tab: Page) => tab.getByText('You control', { exact: true });

/** Puts the keyboard into a field of the end-user's. */
async function enter(tab: Page, target: Page): Promise<void> {
  await clickAt(tab, await onScreen(target, 'textarea'));
  await expect.poll(() => target.evaluate(() => document.hasFocus() && document.activeElement?.tagName)).toBe('TEXTAREA');
}

/** The upper left corner of a window's content. */
function corner(desktop: Desktop, title: string): [number, number] {
  const said = desktop.run('xwininfo', '-name', title);
  if (!said.includes('Map State: IsViewable')) throw new Error('the window manager has yet to show it');
  return /Absolute upper-left X:\s+(-?\d+)\s+Absolute upper-left Y:\s+(-?\d+)/.exec(said)!.slice(1).map(Number) as [number, number];
}

/** Waits until the window manager has put a window where it stays, and says where. */
async function placed(desktop: Desktop, title: string): Promise<[number, number]> {
  let last = '';
  await expect.poll(() => {
    const before = last;
    try {
      last = corner(desktop, title).join();
    } catch {
      return false; // there is none yet
    }
    return last === before;
  }, { intervals: [500] }).toBe(true);
  return corner(desktop, title);
}

/** The title of the window that has the keyboard. */
function focused(desktop: Desktop): string | undefined {
  const window = /0x\w+/.exec(desktop.run('xprop', '-root', '_NET_ACTIVE_WINDOW'))?.[0];
  return window && /"(.*)"/.exec(desktop.run('xprop', '-id', window, 'WM_NAME'))?.[1];
}

test('mouse, wheel, drag and keys do over there what the agent does here', async ({ control, desktop }) => {
  const target = await openTarget(desktop, '720,20', '820,800');
  const { tab, user } = await control();
  await expect(bar(user.page)).toContainText('Ada controls this computer');
  const at = await onScreen(target, 'div');
  const near = (s: { x: number; y: number } | undefined) => Math.max(Math.abs(s!.x - at.x), Math.abs(s!.y - at.y));
  for (const [button, number] of [['left', 0], ['middle', 1], ['right', 2]] as const) {
    await forget(target);
    await clickAt(tab, at, { button });
    await expect.poll(async () => (await seen(target, 'mousedown', 'mouseup')).map((s) => `${s.type} ${s.button}`)).toEqual([`mousedown ${number}`, `mouseup ${number}`]);
    expect(near((await seen(target, 'mousedown'))[0])).toBeLessThanOrEqual(2);
  }
  const place = await inPicture(tab, at);
  await expect(async () => { // two clicks within half a second, which a busy machine does not always manage
    await forget(target);
    await tab.mouse.dblclick(place.x, place.y);
    await expect.poll(async () => (await seen(target, 'dblclick')).length, { timeout: 2000 }).toBe(1);
  }).toPass({ timeout: 20_000 });
  await forget(target);
  const turned = async (dx: number, dy: number) => { // each by itself: browsers put some together
    await forget(target);
    await tab.mouse.wheel(dx, dy);
    let sum = [0, 0];
    await expect.poll(async () => {
      const before = sum;
      sum = (await seen(target, 'wheel')).reduce(([x, y], s) => [x! + s.dx, y! + s.dy], [0, 0]);
      return (sum[0] || sum[1]) && sum.join() === before.join(); // and no more comes
    }, { intervals: [300] }).toBe(true);
    return sum as [number, number];
  };
  const [, notch] = await turned(0, 100);
  expect(notch).toBeGreaterThan(0);
  expect(await turned(0, 300)).toEqual([0, 3 * notch]);
  expect(await turned(0, -100)).toEqual([0, -notch]);
  expect((await turned(100, 0))[0]).toBeGreaterThan(0);

  await enter(tab, target);
  await tab.keyboard.type('one two');
  await tab.keyboard.press('Control+A');
  await tab.keyboard.press('Control+C');
  await tab.keyboard.press('End');
  await tab.keyboard.press('Enter');
  await tab.keyboard.press('Control+V');
  await tab.keyboard.press('Shift+Home');
  await tab.keyboard.type('three');
  await expect(target.locator('textarea')).toHaveValue('one two\nthree');
  await forget(target);
  await tab.getByLabel('Send keys').selectOption('Ctrl+Alt+Del'); // Xvfb has nobody who keeps it
  await expect.poll(async () => (await seen(target, 'keydown')).map((s) => s.code)).toEqual(['ControlLeft', 'AltLeft', 'Delete']);

  // A window of another program, by its title bar.
  desktop.spawn('xterm', ...FONT, '-geometry', '40x8+900+560', '-title', 'drag me', '-e', 'sleep', '60');
  const [x, y] = await placed(desktop, 'drag me');
  const from = await inPicture(tab, { x: x + 100, y: y - 10 });
  const to = await inPicture(tab, { x: x + 40, y: y - 110 });
  await tab.mouse.move(from.x, from.y);
  await tab.mouse.down();
  await tab.mouse.move(to.x, to.y, { steps: 8 });
  await tab.mouse.up();
  // Openbox lets windows stick a little to the edges of others.
  await expect.poll(() => corner(desktop, 'drag me').map((v, i) => Math.abs(v - [x - 60, y - 100][i]!) <= 20)).toEqual([true, true]);
});

test.describe('with a German keyboard over there', () => {
  test.use({ desktopOptions: { layout: 'de' } });

  test('every character arrives as it was made', async ({ control, desktop }) => {
    const folder = mkdtempSync(join(tmpdir(), 'deskside-xterm-'));
    const target = await openTarget(desktop, '720,20', '820,500');
    const { tab } = await control();
    await enter(tab, target);
    const long = Array.from({ length: 500 }, (_, i) => String.fromCodePoint(i % 3 ? 97 + (i % 26) : 0x430 + (i % 32))).join('');
    const texts = ['Grüße, "Welt" @ 100 €; {z} [y] \\ |~^´`', 'naïve café', 'Ελληνικά', '你好，世界', '😀👩‍💻🇩🇪', long];
    for (const text of texts) {
      await tab.keyboard.insertText(text); // as input methods do
      await tab.keyboard.press('Enter');
    }
    await expect(target.locator('textarea')).toHaveValue([...texts, ''].join('\n'));
    await tab.keyboard.type('zyZY-_?'); // keys of an American keyboard
    await expect(target.locator('textarea')).toHaveValue([...texts, 'zyZY-_?'].join('\n'));
    await tab.keyboard.press('Control+Z'); // undo, although Y is in that place over there
    await expect(target.locator('textarea')).not.toHaveValue([...texts, 'zyZY-_?'].join('\n'));

    desktop.spawn('env', 'LC_ALL=C.UTF-8', 'xterm', '-u8', '-xrm', '*preeditType:None', ...FONT, '-geometry', '60x12+760+560', '-title', 'type here', '-e', `cat > ${join(folder, 'typed')}`);
    await expect.poll(() => existsSync(join(folder, 'typed'))).toBe(true);
    const [x, y] = await placed(desktop, 'type here');
    await clickAt(tab, { x: x + 140, y: y + 100 });
    await expect.poll(() => focused(desktop)).toBe('type here');
    await tab.keyboard.insertText('Grüße Ωmega 你好 é ß @€\n');
    await (await desktop.person('core')).does('press 66'); // CapsLock
    await tab.keyboard.insertText('aÄyY яЯ Ωω ß 1!\n');
    await tab.keyboard.press('Control+D');
    await expect.poll(() => readFileSync(join(folder, 'typed'), 'utf8')).toBe('Grüße Ωmega 你好 é ß @€\naÄyY яЯ Ωω ß 1!\n');
    rmSync(folder, { recursive: true });
  });
});

test('an agent with a German keyboard types with AltGr and dead keys', async ({ control, desktop, ada }) => {
  const target = await openTarget(desktop, '720,20', '820,800');
  const desk = await Desktop.start({ layout: 'de' });
  try {
    const browser = await desk.browser('0,0', '1600,900');
    const context = await browser.newContext({ locale: 'en-GB', viewport: null });
    await context.addCookies(await ada.context.cookies());
    const agent = Object.assign(Object.create(Object.getPrototypeOf(ada)), ada, { context });
    const { tab } = await control({ agent });
    const hands = await desk.person('core');
    const { x, y } = await inPicture(tab, await onScreen(target, 'textarea'));
    await tab.mouse.click(x, y);
    await expect.poll(async () => (await seen(target, 'mouseup')).length).toBe(1);
    await hands.does('press 9'); // Escape: the keyboard has come through
    await expect.poll(async () => (await seen(target, 'keydown')).map((s) => s.code)).toEqual(['Escape']);
    const [shift, altgr, q, e, sz, acute, ue, m, seven, one] = [50, 108, 24, 26, 20, 21, 34, 58, 16, 10];
    for (const keys of [[altgr, q], [altgr, e], [sz], [acute], [e], [ue], [shift, ue], [altgr, m], [shift, seven], [altgr, seven], [acute], [65], [shift, one]]) {
      await hands.does(`press ${keys.join(' ')}`);
      await tab.waitForTimeout(80);
    }
    await expect(target.locator('textarea')).toHaveValue('@€ßéüÜµ/{\'!');
    await hands.does('press 37 38', 'press 37 54'); // Ctrl+A, Ctrl+C
    await hands.does('press 115', 'press 37 55');
    await expect(target.locator('textarea')).toHaveValue('@€ßéüÜµ/{\'!@€ßéüÜµ/{\'!');
    await forget(target);
    await hands.does(`press ${altgr} ${q}`);
    await tab.waitForTimeout(300);
    expect((await seen(target, 'keydown')).map((s) => s.held).join(''), 'no modifier of the agent’s goes along with a character').not.toMatch(/[acm]/);
  } finally {
    await desk.stop();
  }
});

test.describe('two monitors', () => {
  test.use({ desktopOptions: { size: '1900x1000' } });

  test('each corner of the shared one is hit', async ({ control, desktop }) => {
    const { tab } = await control({
      source: 'Screen 2',
      prepare: (d) => {
        d.run('xrandr', '--setmonitor', 'left', '1100/290x1000/260+0+0', 'screen');
        d.run('xrandr', '--setmonitor', 'right', '800/210x600/160+1100+200', 'none');
      },
    });
    const size = await tab.evaluate(() => { const v = document.querySelector<HTMLVideoElement>('.stage video')!; return [v.videoWidth, v.videoHeight]; });
    expect(size).toEqual([800, 600]);
    const person = await desktop.person();
    for (const [x, y] of [[0, 0], [799, 0], [0, 599], [799, 599], [400, 300]] as const) {
      const at = await inPicture(tab, { x, y });
      await tab.mouse.move(at.x, at.y);
      await expect.poll(async () => {
        const [px = 0, py = 0] = (await person.pointer());
        return Math.max(Math.abs(px - 1100 - x), Math.abs(py - 200 - y));
      }).toBeLessThanOrEqual(2);
    }
  });
});

test('the end-user’s own mouse comes first', async ({ control, desktop }) => {
  const target = await openTarget(desktop, '720,20', '820,800');
  const { tab, helper } = await control();
  await enter(tab, target);
  await tab.keyboard.type('a');
  await expect(target.locator('textarea')).toHaveValue('a');
  const person = await desktop.person();
  await tab.keyboard.down('Control');
  await expect(async () => { // until both have said so: it is over after three seconds of rest
    await person.does('move 1000 700', 'move 1010 710');
    await expect(tab.getByText('End-user uses the mouse')).toBeVisible({ timeout: 2000 });
    await expect(helper.window.getByText('You use your mouse: Ada waits')).toBeVisible({ timeout: 2000 });
  }).toPass();
  await person.does('move 1000 700');
  await person.leave();
  await tab.keyboard.up('Control'); // which nobody hears
  await tab.keyboard.type('lost');
  await expect(controls(tab)).toBeVisible(); // after three seconds of rest
  await forget(target);
  await enter(tab, target);
  await expect.poll(async () => (await seen(target, 'mousedown', 'mouseup')).map((s) => s.held)).toEqual(['', '']);
  await tab.keyboard.type('b');
  await expect(target.locator('textarea')).toHaveValue('ab');
  await helper.window.getByRole('button', { name: 'Pause' }).click();
  await expect(tab.getByText('Paused by End-user')).toBeVisible();
  await tab.keyboard.type('lost');
  await helper.window.getByRole('button', { name: 'Go on' }).click();
  await expect(controls(tab)).toBeVisible();
  await enter(tab, target);
  await tab.keyboard.press('End');
  await tab.keyboard.type('c');
  await expect(target.locator('textarea')).toHaveValue('abc');
});

test('control goes on after the agent’s tab loads again, and in the newest of two', async ({ control, desktop }) => {
  const target = await openTarget(desktop, '720,20', '820,800');
  const { tab, session } = await control();
  const types = async (page: Page, key: string, all: string) => {
    await expect(controls(page)).toBeVisible();
    await enter(page, target);
    await page.keyboard.type(key);
    await expect(target.locator('textarea')).toHaveValue(all);
  };
  await types(tab, 'a', 'a');
  await tab.reload();
  await types(tab, 'b', 'ab');
  const second = await tab.context().newPage();
  await second.goto(tab.url());
  await types(second, 'c', 'abc');
  await tab.bringToFront();
  await expect(tab.getByText('You control in another tab')).toBeVisible();
  await tab.getByRole('button', { name: 'Control here' }).click();
  await types(tab, 'd', 'abcd');
  await expect(second.getByText('You control in another tab')).toBeVisible();
  expect(await session.events('control-granted')).toHaveLength(1);
  await tab.getByRole('button', { name: 'End session' }).click();
  await expect(tab.getByRole('dialog')).toContainText('You see the end-user’s screen and control their device. Ending stops that.');
});

test('a helper that was gone before it was allowed is replaced by another', async ({ control, desktop }) => {
  const target = await openTarget(desktop, '720,20', '820,800');
  const { tab } = await control({ again: true });
  await enter(tab, target);
  await tab.keyboard.type('a');
  await expect(target.locator('textarea')).toHaveValue('a');
});

/** Everything that ends control, by whom and how. */
const ends: Record<string, (c: Controlled) => Promise<void>> = {
  'the keys that stop': async ({ desktop }) => (await desktop.person()).does('press 37 64 115'),
  'the helper’s window': ({ helper }) => helper.window.getByRole('button', { name: 'Stop' }).click(),
  'the page: stop control': ({ user }) => bar(user.page).getByRole('button', { name: 'Stop control' }).click(),
  'the page: stop sharing': ({ user }) => bar(user.page).getByRole('button', { name: 'Stop', exact: true }).click(),
  'the agent': ({ tab }) => tab.getByRole('toolbar', { name: 'Control of the device' }).getByRole('button', { name: 'Stop control' }).click(),
  'the end of the chat': ({ user }) => user.end(),
};

/** Holds keys down over there, and returns what tells which. */
async function holding(c: Controlled, desktop: Desktop): Promise<() => Promise<string>> {
  const person = await desktop.person();
  await clickAt(c.tab, { x: 1200, y: 500 });
  await c.tab.keyboard.down('Control');
  await c.tab.keyboard.down('ArrowDown');
  await expect.poll(() => person.held()).toContain('key');
  return () => person.held();
}

for (const [name, end] of Object.entries(ends)) {
  test(`control ends by ${name}, and nothing is left`, async ({ control, desktop }) => {
    const c = await control();
    const held = await holding(c, desktop);
    await end(c);
    await expect(controls(c.tab)).toBeHidden();
    await expect.poll(held).toBe('');
    expect(await c.helper.exited).toBe(0);
    expect(readdirSync(c.helper.folder).filter((f) => !f.endsWith('.gz')), 'the program deleted itself').toEqual([]);
  });
}

/** Everything that can be lost, and must not leave a key down. */
const losses: Record<string, (c: Controlled, stopServer: () => Promise<void>) => Promise<void>> = {
  'the agent’s tab': async ({ tab }) => tab.close(),
  'the end-user’s browser': async ({ chat }) => chat.close(),
  'the server': (_, stopServer) => stopServer(),
  'the helper': async ({ helper }) => helper.kill(),
};

for (const [name, lose] of Object.entries(losses)) {
  test(`when ${name} is gone, nothing is carried out and nothing stays down`, async ({ control, desktop, server }) => {
    const c = await control();
    const held = await holding(c, desktop);
    await lose(c, async () => server.kill());
    const lost = Date.now();
    await expect.poll(held, { intervals: [50] }).toBe('');
    expect(Date.now() - lost).toBeLessThan(1500); // a second, and what looking takes on a busy machine
  });
}

test('a window is not enough, and the card says why', async ({ ada, desktop }) => {
  const chat = await desktop.browser('0,0', '700,860', '--auto-select-tab-capture-source-by-title=Start');
  const context = await chat.newContext({ locale: 'en-GB', viewport: null });
  const tab = await ada.startInTab(await ada.support());
  const session = await ada.sessionOf(tab);
  const page = await context.newPage();
  await (await context.newPage()).setContent('<title>Start</title>');
  await page.goto(session.card.link);
  await page.bringToFront();
  await page.getByRole('button', { name: 'Start chat' }).click();
  await tab.getByRole('button', { name: 'Request control' }).click();
  await agree(page, 'Continue');
  await card(page).getByRole('button', { name: 'Share my screen' }).click();
  await expect(card(page)).toContainText('Only a tab is shared. Ada has to see everything that a click can hit');
  await expect(card(page).getByRole('button', { name: /Download/ })).toHaveCount(0);
  await expect(tab.getByText('It has to be the entire screen')).toBeVisible();
  await check(page, 'the steps');
  await check(tab, 'the steps, as the agent sees them');
  await page.bringToFront();
  await card(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(tab.getByRole('button', { name: 'Request control' })).toBeVisible();
});

test('clipboards are handed over, both ways', async ({ control, desktop, ada }, info) => {
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const target = await openTarget(desktop, '720,20', '820,800');
  const { tab, helper } = await control({ allow: async (window) => {
    await window.getByLabel(/Share what is copied/).check();
    await window.getByLabel(/by itself, without being asked/).check();
    await check(window, 'the helper asks');
  } });
  await check(helper.window, 'the helper at work');
  await check(tab, 'controlling');
  await enter(tab, target);
  await tab.getByLabel('Share by itself').check();
  await tab.evaluate(() => navigator.clipboard.writeText('from the agent: Grüße 😀'));
  await enter(tab, target);
  await tab.keyboard.press('Control+V');
  await expect(target.locator('textarea')).toHaveValue('from the agent: Grüße 😀');
  await tab.keyboard.press('Control+A');
  await tab.keyboard.type('from the end-user: ß');
  await tab.keyboard.press('Control+A');
  await tab.keyboard.press('Control+C');
  await expect.poll(() => tab.evaluate(() => navigator.clipboard.readText())).toBe('from the end-user: ß');
  await tab.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 20, height: 10 });
    canvas.getContext('2d')!.fillRect(0, 0, 20, 10);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done));
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob! })]);
  });
  await tab.getByRole('button', { name: 'Give clipboard' }).click();
  await expect.poll(() => desktop.run('xclip', '-selection', 'clipboard', '-t', 'TARGETS', '-o')).toContain('image/png');

  const picture = await tab.evaluate(() => Object.assign(document.createElement('canvas'), { width: 30, height: 15 }).toDataURL());
  const file = info.outputPath('copied.png');
  writeFileSync(file, Buffer.from(picture.split(',')[1]!, 'base64'));
  desktop.spawn('xclip', '-selection', 'clipboard', '-t', 'image/png', file); // as a program does where a picture is copied
  await expect.poll(() => tab.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    return item?.types.includes('image/png') ? (await createImageBitmap(await item.getType('image/png'))).width : 0;
  })).toBe(30);
});

test('the clipboard is typed where nothing can be pasted', async ({ control, desktop, ada }) => {
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const target = await openTarget(desktop, '720,20', '820,800');
  const { tab } = await control();
  const text = 'Grüße, Ωmega 😀! '.repeat(30).trim().padEnd(500, '.');
  await tab.evaluate((text) => navigator.clipboard.writeText(text), text);
  await enter(tab, target);
  await tab.getByRole('button', { name: 'Type clipboard' }).click();
  await expect(target.locator('textarea')).toHaveValue(text);
});

test('in full screen the agent’s browser gives up the keys that it keeps else', async ({ control, ada }) => {
  await ada.context.addInitScript(() => {
    const { keyboard } = navigator as unknown as { keyboard: { lock(): Promise<void>; unlock(): void } };
    for (const what of ['lock', 'unlock'] as const) {
      const usual = keyboard[what].bind(keyboard) as () => Promise<void>;
      keyboard[what] = async () => {
        await usual();
        document.title = what;
      };
    }
  });
  const { tab } = await control();
  const full = tab.getByRole('button', { name: 'Full screen', exact: true });
  await full.click();
  await expect(tab).toHaveTitle('lock');
  await full.click();
  await expect(tab).toHaveTitle('unlock');
});

test('whoever wishes so is asked on arrival; a phone is not', async ({ ada, arrive }) => {
  const tab = await ada.startInTab(await ada.support());
  await tab.getByLabel('Request remote control as soon as end-user arrives').check();
  const { card: { link } } = await ada.sessionOf(tab);
  const user = await arrive(link);
  await user.start();
  await expect(card(user.page)).toContainText('would like to control this computer');
  await expect(tab.getByText('reads the request: “Continue” or “Not now”')).toBeVisible();
  await check(user.page, 'the question');
  await agree(user.page, 'Not now');
  await expect(tab.getByRole('log').getByText('does not want the device to be controlled now')).toBeVisible();
});
