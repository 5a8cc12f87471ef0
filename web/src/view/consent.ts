// What a yes to a request means. The card says it, and the page does just
// that: both ask here.

import type { Captured } from './capture';
import type { Ask } from './state';

/** What this page shows now. */
export interface Showing {
  on: boolean;
  surface: Captured['surface'];
  /** The agents who may see it. */
  allowed: readonly string[];
}

/** The person chooses a screen, or a camera is opened; or one more agent sees what is shown already. */
export type Offer = 'screen' | 'camera' | 'more';

export function offerOf(asked: Ask, now: Showing): Offer {
  const same = now.on && asked.camera === (now.surface === 'camera');
  return same && !now.allowed.includes(asked.agent) ? 'more' : asked.camera ? 'camera' : 'screen';
}

/** What can be seen, and whether it can be heard. */
export interface Scope {
  surface: Captured['surface'];
  sound: boolean;
}

/**
 * Says whether who was allowed the one may have the other in its place without
 * being allowed anew. What is in a window, tab or picture nobody can tell, so
 * only a whole screen is as much as another.
 */
export function covers(before: Scope, now: Scope): boolean {
  return before.surface === 'monitor' && now.surface === 'monitor' && (before.sound || !now.sound);
}
