// Links in what people write. The address stays visible in full, so that
// everybody sees where a link goes.

import type { Line } from './bubble';

const address = /\b(?:https?:\/\/|mailto:)[^\s<>"'`\u202a-\u202e\u2066-\u2069]+/gi;
const allowed = new Set(['http:', 'https:', 'mailto:']);

/** Makes what a line shows: a pushed link is one as a whole. */
export function linked(line: Line): (Node | string)[] {
  return line.link ? [anchor(line.text) ?? line.text] : linkify(line.text);
}

/** Splits a text into strings and links. */
export function linkify(text: string): (string | HTMLAnchorElement)[] {
  const parts: (string | HTMLAnchorElement)[] = [];
  let from = 0;
  for (const found of text.matchAll(address)) {
    const shown = trimmed(found[0]);
    const link = anchor(shown);
    if (!link) continue;
    parts.push(text.slice(from, found.index), link);
    from = found.index + shown.length;
  }
  parts.push(text.slice(from));
  return parts;
}

/**
 * Makes a link, or nothing where the address is not one to follow: another
 * scheme, or a name before an @ that looks like a host. A host written in
 * look-alike letters shows as what it really is.
 */
export function anchor(href: string): HTMLAnchorElement | undefined {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (!url || !allowed.has(url.protocol) || url.username) return undefined;
  const a = document.createElement('a');
  a.href = url.href;
  a.target = '_blank';
  a.rel = 'noopener noreferrer nofollow';
  a.textContent = href.toLowerCase().includes(url.hostname) ? href : url.href;
  return a;
}

/** Cuts off what ends the sentence and not the address. */
function trimmed(address: string): string {
  let end = address.replace(/[.,;:!?…]+$/, '');
  while (end.endsWith(')') && end.split(')').length > end.split('(').length) end = end.slice(0, -1).replace(/[.,;:!?…]+$/, '');
  return end;
}
