// What can be said of the texts of invitations without asking the server.

import type { Texts } from './api';

export type Field = keyof Texts;

export const fields = ['sms', 'subject', 'mail'] as const satisfies Field[];

/** Something wrong with a text: it lacks the link, or has a variable that there is none of. */
export type Fault = { field: Field; is: 'no-link' } | { field: Field; is: 'unknown'; name: string };

/** Returns what is wrong with the texts. */
export function faultsOf(texts: Texts, variables: readonly string[]): Fault[] {
  return fields.flatMap((field): Fault[] => {
    const named = variablesOf(texts[field]);
    const unknown = named.filter((name) => !variables.includes(name)).map((name): Fault => ({ field, is: 'unknown', name }));
    const unlinked = field !== 'subject' && !named.includes('link');
    return unlinked ? [{ field, is: 'no-link' }, ...unknown] : unknown;
  });
}

/** What stands in braces. */
function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{([^{}]*)\}/g)].map((m) => m[1]!))];
}

/** Returns the texts as they are in use. */
export function inUse(l: Texts & { shipped: Texts }): Texts {
  return { sms: l.sms || l.shipped.sms, subject: l.subject || l.shipped.subject, mail: l.mail || l.shipped.mail };
}

export function same(a: Texts, b: Texts): boolean {
  return fields.every((f) => a[f] === b[f]);
}

/** Returns what to store: nothing where the shipped text is meant, so that it goes on to be the newest one. */
export function own(texts: Texts, shipped: Texts): Texts {
  const part = (f: Field) => (texts[f].trim() === shipped[f].trim() ? '' : texts[f]);
  return { sms: part('sms'), subject: part('subject'), mail: part('mail') };
}
