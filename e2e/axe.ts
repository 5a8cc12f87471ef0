// What axe-core finds on a page.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page } from '@playwright/test';
import type { AxeResults, RunOnly } from 'axe-core';

declare const axe: typeof import('axe-core'); // in the page

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const looks = {
  light: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }, // all that colours change
} satisfies Record<string, RunOnly>;

/** Fails with what axe-core finds on the page, in both looks. */
export async function check(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(source);
    const { violations } = await page.evaluate((runOnly): Promise<AxeResults> => axe.run({ runOnly }), looks[colorScheme] as RunOnly);
    const found = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary}`));
    expect.soft(found, `${screen}, ${colorScheme}`).toEqual([]);
  }
}
