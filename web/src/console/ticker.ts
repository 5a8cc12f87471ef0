// The time, for what counts down on the screen.

import { signal } from '@preact/signals';

/** Now, in whole seconds. */
export const now = signal(new Date());

/** Lets it move on. */
export function startTicker(): void {
  setInterval(() => (now.value = new Date()), 1000);
}
