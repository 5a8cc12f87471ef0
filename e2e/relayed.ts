// Pages that may only connect by the server's relay, over one transport.

import type { BrowserContext, Page } from '@playwright/test';

export type Transport = 'udp' | 'tcp' | 'tls';

/** Makes every page of a browser use nothing but the relay, by a line to it where there is one. */
export async function relayOnly(context: BrowserContext, transport: Transport, line?: number): Promise<void> {
  await context.addInitScript(() => {
    const Usual = RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Usual {
      constructor(config?: RTCConfiguration) {
        super({ ...config, iceTransportPolicy: config?.iceServers?.length ? 'relay' : 'all' });
      }
    };
  });
  await context.route('**/api/sessions/*/relay*', async (route) => {
    const answer = await route.fetch().catch(() => undefined); // the line may be cut
    if (!answer) return route.abort();
    const said = (await answer.json()) as { iceServers?: RTCIceServer[] };
    const wanted = { udp: /^turn:.*transport=udp$/, tcp: /^turn:.*transport=tcp$/, tls: /^turns:/ }[transport];
    for (const s of said.iceServers ?? []) s.urls = [s.urls].flat().filter((url) => wanted.test(url)).map((url) => (line ? url.replace(/:\d+\?/, `:${line}?`) : url));
    await route.fulfill({ response: answer, json: said });
  });
}

/** The agent's own figure of how the picture comes. */
export async function pathOf(tab: Page): Promise<string> {
  const figures = tab.getByRole('button', { name: 'Figures of the connection' });
  if ((await figures.getAttribute('aria-pressed')) !== 'true') await figures.click();
  return (await tab.locator('.figures').textContent()) ?? '';
}
