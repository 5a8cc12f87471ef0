// Everything that can be done on the screen, for the palette and for keys.

import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

export interface Action {
  id: string;
  label: string;
  /** Shown beside it: the keys that do the same. */
  keys?: string;
  /** A single key, which works while nobody types. */
  key?: string;
  run(): void;
}

const groups = signal<readonly { actions: () => Action[] }[]>([]);

/** All actions of the screens that are shown, the newest screen's first. */
export const actions = computed(() => groups.value.toReversed().flatMap((g) => g.actions()));

/** Offers actions while a component is shown. */
export function useActions(make: () => Action[]): void {
  useEffect(() => {
    const group = { actions: make };
    groups.value = [...groups.value, group];
    return () => {
      groups.value = groups.value.filter((g) => g !== group);
    };
  }, []);
}

/** Says whether somebody is about to type where a key was pressed. */
export function typingIn(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
