// An end-user who shows their screen: a browser of its own process, as
// people's are, which picks a tab by its title where a person would.

import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { EndUser } from './enduser';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const flags = [
  '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-quic', '--ignore-certificate-errors',
];

/** What is shared: colours that a test knows, the left upper of which changes all the time. */
const PATTERN = `<!doctype html><title>Shared pattern</title><style>body{margin:0;height:100vh;display:grid;grid-template:1fr 1fr/1fr 1fr}</style>
<div id="a" style="background:#c00000"></div><div style="background:#00a000"></div><div style="background:#0000c0"></div><div style="background:#e0e000"></div>
<script>let n=0;setInterval(()=>{document.getElementById('a').style.background=n++%2?'#c00000':'#b80000'},50)</script>`;

export interface SharerOptions {
  /** What stands for the person in the browser's picker; by default the pattern's tab is chosen. */
  picker?: string;
  /** More flags of Chromium. */
  args?: string[];
  userAgent?: string;
  hasTouch?: boolean;
  permissions?: string[];
  /** What is done to the browser before any page opens. */
  prepare?(context: BrowserContext): Promise<void>;
}

/** Opens a browser that picks the pattern's tab when it is asked what to share. */
export async function openSharer({ picker = '--auto-select-tab-capture-source-by-title=Shared pattern', args = [], prepare, ...context }: SharerOptions = {}): Promise<{ browser: Browser; context: BrowserContext }> {
  const browser = await chromium.launch({ executablePath, args: [...flags, picker, ...args] });
  const opened = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 720 }, ignoreHTTPSErrors: true, ...context });
  await prepare?.(opened);
  return { browser, context: opened };
}

/** Opens the pattern in a tab, which stays behind. */
export async function showPattern(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.setContent(PATTERN);
  return page;
}

/** Opens a session's link in such a browser, with the pattern in another tab. */
export async function arriveAsSharer(context: BrowserContext, url: string): Promise<EndUser> {
  await showPattern(context);
  return EndUser.arrive(context, url);
}

/** The colours in the four corners of the agent's picture, as #rrggbb; '' where there is no picture. */
export function corners(tab: Page): Promise<string[]> {
  return tab.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>('.stage video');
    if (!video?.videoWidth) return ['', '', '', ''];
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const c = canvas.getContext('2d')!;
    c.drawImage(video, 0, 0);
    return [[1, 1], [3, 1], [1, 3], [3, 3]].map(([x, y]) => {
      const [r, g, b] = c.getImageData((canvas.width * x!) / 4, (canvas.height * y!) / 4, 1, 1).data;
      return `${r},${g},${b}`;
    });
  });
}

/** Says whether the agent sees the pattern: red, green, blue and yellow, as capturing and encoding leave them. */
export async function seesPattern(tab: Page): Promise<boolean> {
  const want = [[188, 0, 0], [0, 160, 0], [0, 0, 192], [224, 224, 0]];
  const got = (await corners(tab)).map((c) => c.split(',').map(Number));
  return want.every((w, i) => w.every((v, j) => Math.abs(v - (got[i]![j] ?? -99)) <= 32));
}

/** How many frames the agent's page has decoded so far. */
export function framesShown(tab: Page): Promise<number> {
  return tab.evaluate(() => document.querySelector<HTMLVideoElement>('.stage video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0);
}
