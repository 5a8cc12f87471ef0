// What the connection does just now, for who wants to know.

import { useEffect, useState } from 'preact/hooks';
import type { Figures } from '../../view/figures';
import { lang, t } from '../say';
import { useRoom } from '../session/room';

const EVERY = 1000; // milliseconds

export function FiguresTable() {
  const { looking } = useRoom();
  const [f, set] = useState<Figures>();
  useEffect(() => {
    let on = true;
    const look = () => void looking.picture.figures().then((now) => on && set(now), () => undefined);
    look();
    const timer = setInterval(look, EVERY);
    return () => {
      on = false;
      clearInterval(timer);
    };
  }, []);
  const number = (v: number, digits = 0) => (Number.isFinite(v) ? v.toLocaleString(lang, { maximumFractionDigits: digits }) : '–');
  const rows: [string, string][] = f ? [
    ['size', `${f.width} × ${f.height}`],
    ['frames', `${number(f.framesPerSecond)}/s`],
    ['rate', `${number(f.kilobitsPerSecond)} kbit/s`],
    ['round-trip', `${number(f.roundTrip)} ms`],
    ['loss', `${number(100 * f.loss, 1)} %`],
    ['codec', f.codec],
    ['path', t(`view.path.${f.path}`)],
  ] : [];
  return (
    <dl class="figures" aria-label={t('view.figures')}>
      {f ? rows.map(([name, value]) => <div key={name}><dt>{t(`view.figure.${name}`)}</dt><dd>{value}</dd></div>) : <div><dt>{t('view.figure.none')}</dt></div>}
    </dl>
  );
}
