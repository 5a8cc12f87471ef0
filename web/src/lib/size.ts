// Sizes of files in words.

const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/**
 * Says how many bytes there are: "2 GB", "2.4 MB", "12 bytes". A kilobyte has
 * 1,000 bytes, as in the file managers of macOS and Linux and in the server's
 * own texts; Windows counts 1,024 and shows a little less.
 */
export function size(bytes: number, lang: string): string {
  if (bytes < 1000) return format(bytes, lang, { unit: 'byte', unitDisplay: 'long' });
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1000;
  return format(value, lang, { unit: UNITS[unit], maximumFractionDigits: value < 9.95 ? 1 : 0 });
}

function format(value: number, lang: string, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(lang, { style: 'unit', ...options }).format(value);
}
