// Scenario view: how old the agent's picture is, how many frames a second it
// has, and what it costs, with text that scrolls all the time. Both browsers,
// the server and this process share the machine; all have one clock.

import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent } from '../e2e/agent';
import { certificate } from '../e2e/certificate';
import { EndUser } from '../e2e/enduser';
import { relayOnly } from '../e2e/relayed';
import { Server } from '../e2e/server';
import { flags } from '../e2e/sharer';
import { agree } from '../e2e/sharing';

const SECONDS = 12;
const CLOCK_TICK = 10; // ms, of CPU times in /proc

/** Text that scrolls, and a square that flashes at times that the page notes. */
const SOURCE = `<!doctype html><title>Shared pattern</title>
<style>body{margin:0;overflow:hidden;font:16px/1.4 monospace}#f{position:fixed;left:0;top:0;width:120px;height:120px;background:#000;z-index:1}#t{padding-left:140px;will-change:transform}</style>
<div id="f"></div><div id="t"></div><script>
const t=document.getElementById('t'),f=document.getElementById('f');window.flips=[];
for(let i=0;i<400;i++){const p=document.createElement('div');p.textContent=i+' '+'The quick brown fox jumps over the lazy dog. '.repeat(3);t.append(p)}
let y=0;(function scroll(){y=(y+3)%6000;t.style.transform='translateY(-'+y+'px)';requestAnimationFrame(scroll)})();
let on=false;(function flip(){on=!on;requestAnimationFrame(()=>{f.style.background=on?'#fff':'#000';window.flips.push(performance.timeOrigin+performance.now())});setTimeout(flip,300+Math.random()*300)})();
</script>`;

interface Cast {
  browser: Browser;
  pid: number;
  close(): Promise<void>;
}

async function launch(...more: string[]): Promise<Cast> {
  const server = await chromium.launchServer({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...flags, ...more] });
  const browser = await chromium.connect(server.wsEndpoint());
  return { browser, pid: server.process().pid!, close: () => server.close() };
}

/** CPU time of a process and all below it, in ms. */
function cpu(root: number): number {
  const all = new Map<number, { parent: number; time: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      all.set(Number(name), { parent: Number(fields[1]), time: (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK });
    } catch {
      continue; // it has ended
    }
  }
  const below = (pid: number): number => (all.get(pid)?.time ?? 0) + [...all].filter(([, p]) => p.parent === pid).reduce((sum, [child]) => sum + below(child), 0);
  return below(root);
}

/** Notes when the square in the agent's picture changes. */
async function watchFlips(tab: Page): Promise<void> {
  await tab.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('.stage video')!;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 1;
    const c = canvas.getContext('2d', { willReadFrequently: true })!;
    const seen: [number, boolean][] = ((globalThis as unknown as { seen: unknown }).seen = []);
    const look = () => {
      c.drawImage(video, 40, 40, 1, 1, 0, 0, 1, 1);
      const bright = c.getImageData(0, 0, 1, 1).data[1]! > 128;
      if (seen.at(-1)?.[1] !== bright) seen.push([performance.timeOrigin + performance.now(), bright]);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
}

const percentile = (values: number[], p: number) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))]!;

for (const [width, height] of [[1280, 720], [1920, 1080]] as const) {
  for (const path of ['direct', 'relayed'] as const) {
    test(`${path} ${width}×${height}`, async () => {
      const server = await Server.start(['Ada'], path === 'relayed' ? certificate() : ['--relay=false'], path === 'relayed' ? 'https' : 'http');
      const [agent, sharer] = [await launch(), await launch('--auto-select-tab-capture-source-by-title=Shared pattern')];
      try {
        const common = { locale: 'en-GB', ignoreHTTPSErrors: true };
        const contexts = [await agent.browser.newContext({ ...common, viewport: { width: 1600, height: 900 } }), await sharer.browser.newContext({ ...common, viewport: { width, height } })] as const;
        if (path === 'relayed') for (const c of contexts) await relayOnly(c, 'tls');
        const ada = await new Agent(contexts[0], server, 'Ada').signIn();
        const tab = await ada.startInTab(await ada.support());
        const session = await ada.sessionOf(tab);
        const source = await contexts[1].newPage();
        await source.setContent(SOURCE);
        const user = await EndUser.arrive(contexts[1], session.card.link);
        await user.start();
        await tab.getByRole('button', { name: 'Request view' }).click();
        await agree(user.page, 'Share my screen');
        const frames = () => tab.evaluate(() => document.querySelector<HTMLVideoElement>('.stage video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0);
        await expect.poll(frames, { timeout: 20_000 }).toBeGreaterThan(90); // the bandwidth is found by then
        await tab.getByRole('button', { name: 'Figures of the connection' }).click();
        await watchFlips(tab);
        const before = { frames: await frames(), agent: cpu(agent.pid), sharer: cpu(sharer.pid), at: Date.now() };
        await tab.waitForTimeout(SECONDS * 1000);
        const seconds = (Date.now() - before.at) / 1000;
        const rate = ((await frames()) - before.frames) / seconds;
        const share = [cpu(agent.pid) - before.agent, cpu(sharer.pid) - before.sharer].map((ms) => `${Math.round(ms / seconds / 10)} %`);
        const flips = await source.evaluate(() => (globalThis as unknown as { flips: number[] }).flips);
        const seen = await tab.evaluate(() => (globalThis as unknown as { seen: [number, boolean][] }).seen);
        const ages = seen.slice(1).map(([at]) => at - (flips.findLast((f) => f < at) ?? NaN)).filter((age) => age > 0);
        const figures = await tab.locator('.figures').innerText();
        const codec = /Codec\s+(\S+)/.exec(figures)?.[1];
        console.log(`view    ${path} ${width}×${height}: glass to glass p50 ${Math.round(percentile(ages, 0.5))} ms, p95 ${Math.round(percentile(ages, 0.95))} ms of ${ages.length} flashes (aim p50 ${path === 'direct' ? 120 : 160}); ${rate.toFixed(1)} frames/s (aim 25); ${codec}; CPU of the agent's browser ${share[0]}, of the end-user's ${share[1]} of one core`);
        expect(ages.length).toBeGreaterThan(10);
      } finally {
        await agent.close();
        await sharer.close();
        await server.remove();
      }
    });
  }
}
