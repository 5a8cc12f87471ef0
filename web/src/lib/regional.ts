/** The region's form of a language, where the browser names one: en-GB writes 14:05, en-US 2:05 PM. */
export function regional(lang: string): string {
  return globalThis.navigator?.languages?.find((l) => l.split('-')[0] === lang) ?? lang;
}
