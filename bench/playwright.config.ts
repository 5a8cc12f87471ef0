// What of the benchmark needs browsers: `make bench` runs it after the rest.

import { defineConfig } from '@playwright/test';
import { flags } from '../e2e/sharer';

export default defineConfig({
  testDir: '.', testMatch: '*.bench.ts', outputDir: '../.cache/bench', reporter: 'dot', workers: 1, timeout: 120_000,
  use: { launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags } },
});
