// Scenario control: how long it takes from the agent's click to the event on
// the end-user's side, and to the changed pixel in the agent's picture. Both
// browsers, the helper, the server and the screen share the machine; all have
// one clock.

import { expect, type Page } from '@playwright/test';
import { inPicture, test } from '../e2e/controlled';
import { onScreen, openTarget } from '../e2e/desktop';
import { pathOf, relayOnly } from '../e2e/relayed';

const CLICKS = 60;
const PAUSE = 250; // ms between two clicks, and up to as much again

interface Noted {
  clicked: number[];
  changed: number[];
}

/** Notes when the agent clicks, and when the place in the picture changes. */
async function note(tab: Page, at: { x: number; y: number }): Promise<void> {
  await tab.evaluate(({ x, y }) => {
    const now = () => performance.timeOrigin + performance.now();
    const noted: Noted = ((globalThis as unknown as { noted: Noted }).noted = { clicked: [], changed: [] });
    addEventListener('mousedown', () => noted.clicked.push(now()), { capture: true });
    const video = document.querySelector<HTMLVideoElement>('.stage video')!;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const c = canvas.getContext('2d', { willReadFrequently: true })!;
    let was: boolean | undefined;
    const look = () => {
      c.drawImage(video, x, y, 1, 1, 0, 0, 1, 1);
      const bright = c.getImageData(0, 0, 1, 1).data[1]! > 128;
      if (was !== undefined && was !== bright) noted.changed.push(now());
      was = bright;
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }, at);
}

const percentile = (values: number[], p: number) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))]!;
const told = (name: string, values: number[], aim: number) => `${name} p50 ${Math.round(percentile(values, 0.5))} ms, p95 ${Math.round(percentile(values, 0.95))} ms (aim p50 ${aim})`;

for (const path of ['direct', 'relayed'] as const) {
  test(`control ${path}`, async ({ control, desktop, ada }) => {
    const target = await openTarget(desktop, '720,20', '820,800');
    await target.evaluate(() => {
      const field = document.querySelector('div')!;
      const came: number[] = ((globalThis as unknown as { came: number[] }).came = []);
      field.style.background = '#000';
      field.addEventListener('mousedown', () => {
        came.push(performance.timeOrigin + performance.now());
        field.style.background = came.length % 2 ? '#fff' : '#000';
      });
    });
    if (path === 'relayed') await relayOnly(ada.context, 'tcp');
    const { tab } = await control({ context: async (c) => void (path === 'relayed' && (await relayOnly(c, 'tcp'))) });
    await expect.poll(() => pathOf(tab), { timeout: 20_000 }).toContain(path === 'relayed' ? 'relayed' : 'direct');
    const at = await onScreen(target, 'div');
    await tab.waitForTimeout(3000); // the bandwidth is found by then
    await note(tab, { x: at.x + 60, y: at.y + 60 }); // beside the pointer
    const { x, y } = await inPicture(tab, at);
    await tab.mouse.move(x, y);
    for (let i = 0; i < CLICKS; i++) {
      await tab.mouse.down();
      await tab.mouse.up();
      await tab.waitForTimeout(PAUSE + Math.random() * PAUSE);
    }
    await tab.waitForTimeout(1000);
    const { clicked, changed } = await tab.evaluate(() => (globalThis as unknown as { noted: Noted }).noted);
    const came = await target.evaluate(() => (globalThis as unknown as { came: number[] }).came);
    expect(came.length).toBe(clicked.length);
    const events = came.map((t, i) => t - clicked[i]!);
    const pixels = clicked.map((t) => (changed.find((c) => c > t) ?? NaN) - t).filter((d) => d < 1000);
    expect(pixels.length).toBeGreaterThan(CLICKS / 2);
    console.log(`control ${path}: ${told('click to event', events, 10)}; ${told('to the changed pixel', pixels, path === 'direct' ? 130 : 160)}; ${clicked.length} clicks`);
  });
}
