// Links in what people write. Nothing but an address ever becomes a link, and
// the address stays visible in full, so that everybody sees where it goes.

/** A piece of a text; with an href, a link. */
export interface Piece {
  text: string;
  href?: string;
}

const address = /\b(?:https?:\/\/|mailto:)[^\s<>"'`\u202a-\u202e\u2066-\u2069]+/gi;
const allowed = new Set(['http:', 'https:', 'mailto:']);

/** Splits a text into plain pieces and links. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const plain = (upto: number) => upto > from && pieces.push({ text: text.slice(from, upto) });
  for (const found of text.matchAll(address)) {
    const link = linkTo(trimmed(found[0]));
    if (!link) continue;
    plain(found.index);
    pieces.push(link);
    from = found.index + trimmed(found[0]).length;
  }
  plain(text.length);
  return pieces;
}

/**
 * Makes a link, or nothing where the address is not one to follow: another
 * scheme, or a name before an @ that looks like a host. A host written in
 * look-alike letters shows as what it really is.
 */
export function linkTo(typed: string): Piece | undefined {
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  if (!url || !allowed.has(url.protocol) || url.username) return undefined;
  return { text: typed.toLowerCase().includes(url.hostname) ? typed : url.href, href: url.href };
}

/** Cuts off what ends the sentence and not the address. */
function trimmed(address: string): string {
  let end = address.replace(/[.,;:!?…]+$/, '');
  while (end.endsWith(')') && end.split(')').length > end.split('(').length) end = end.slice(0, -1).replace(/[.,;:!?…]+$/, '');
  return end;
}
