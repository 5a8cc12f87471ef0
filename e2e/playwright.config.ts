// The browser journeys: the real server, and Debian's Chromium in place of
// one that Playwright would download.

import { defineConfig } from '@playwright/test';

/** Each has an X screen, up to four browsers, and a whole screen to encode: two at once starve each other. */
const screens = /(control|view-screen)\.spec\.ts/;

export default defineConfig({
  testDir: '.',
  outputDir: 'results',
  reporter: 'list',
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: !!process.env.CI,
  projects: [
    { name: 'screens', testMatch: screens, workers: 1 },
    { name: 'pages', testIgnore: screens },
  ],
  // Deadlines are for what hangs. How fast something has to be, a test measures.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
        '--disable-sync', '--disable-quic',
      ],
    },
  },
});
