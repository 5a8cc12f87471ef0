// The texts of the Console in the agent's language. Set once, before the
// first screen is drawn.

import { texts, type Translate } from '../lib/text';

/** Returns a text of the catalogue with its parameters filled in. */
export let t: Translate = (key) => key;

/** The agent's language, a BCP 47 tag. */
export let lang = 'en';

export function speak(catalogue: Record<string, string>, language: string): void {
  t = texts(catalogue, language);
  lang = language;
}
