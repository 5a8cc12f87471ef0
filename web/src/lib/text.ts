// Texts in ICU's message format, as far as the catalogues use it: {name},
// {n, plural, one {…} other {…}} with # for the number, {x, select, a {…}
// other {…}}; =value is a branch for what is just that, and = for nothing.

export type Params = Record<string, string | number>;
export type Translate = (key: string, params?: Params) => string;

/** Returns how to say the texts of a catalogue. A key that is missing shows itself. */
export function texts(catalogue: Record<string, string>, lang: string): Translate {
  const plural = new Intl.PluralRules(lang);
  const number = new Intl.NumberFormat(lang);
  const show = (v: string | number | undefined) => (typeof v === 'number' ? number.format(v) : (v ?? ''));

  function fill(message: string, params: Params): string {
    let out = '';
    for (let at = 0; ; ) {
      const open = message.indexOf('{', at);
      if (open < 0) return out + message.slice(at);
      const close = closing(message, open);
      out += message.slice(at, open) + argument(message.slice(open + 1, close), params);
      at = close + 1;
    }
  }

  function argument(inside: string, params: Params): string {
    const [name = '', kind = '', ...rest] = inside.split(',');
    const value = params[name.trim()];
    if (!kind) return show(value);
    const branches = branchesOf(rest.join(','));
    const counts = kind.trim() === 'plural';
    const wanted = counts ? plural.select(Number(value)) : String(value);
    const branch = branches.get(`=${value}`) ?? branches.get(wanted) ?? branches.get('other') ?? '';
    return fill(counts ? branch.replaceAll('#', show(value)) : branch, params);
  }

  return (key, params = {}) => fill(catalogue[key] ?? key, params);
}

/** Returns where the brace closes that opens at a place. */
function closing(message: string, open: number): number {
  for (let i = open, depth = 0; i < message.length; i++) {
    if (message[i] === '{') depth++;
    if (message[i] === '}' && --depth === 0) return i;
  }
  return message.length;
}

function branchesOf(text: string): Map<string, string> {
  const branches = new Map<string, string>();
  for (let at = 0; ; ) {
    const open = text.indexOf('{', at);
    if (open < 0) return branches;
    const close = closing(text, open);
    branches.set(text.slice(at, open).trim(), text.slice(open + 1, close));
    at = close + 1;
  }
}
