// Which part of a long conversation is in the page: never more than MOST
// lines, so that thousands of them cost nothing.

/** Lines in the page at any time. */
export const MOST = 300;

/** Lines that come and go at once. */
export const STEP = 100;

/** The lines from one place up to another, without it. */
export interface Span {
  from: number;
  upto: number;
}

/** The newest lines. */
export function newest(total: number): Span {
  return { from: Math.max(0, total - (MOST - STEP)), upto: total };
}

/**
 * Returns the span once the number of lines has changed. Who reads the newest
 * lines goes on doing so; who reads older ones keeps them.
 */
export function follow(span: Span, before: number, total: number, atEnd: boolean): Span {
  if (before === 0) return newest(total);
  const complete = span.upto >= before;
  const fits = total - span.from <= MOST;
  if (!complete || (!atEnd && !fits)) return { from: Math.min(span.from, total), upto: Math.min(span.upto, total) };
  return fits ? { from: span.from, upto: total } : newest(total);
}

/** Returns the span with earlier lines. */
export function earlier(span: Span): Span {
  const from = Math.max(0, span.from - STEP);
  return { from, upto: Math.min(span.upto, from + MOST) };
}

/** Returns the span with later lines. */
export function later(span: Span, total: number): Span {
  const upto = Math.min(total, span.upto + STEP);
  return { from: Math.max(span.from, upto - MOST), upto };
}
