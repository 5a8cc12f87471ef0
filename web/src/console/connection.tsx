// The connection test: which ways a picture can take from here, and in plain
// words why not.

import { useEffect, useState } from 'preact/hooks';
import { type Ends, seenAs, type Trial, tryRelay } from '../view/trial';
import { get, reason } from './api';
import { lang, t } from './say';
import { Icon } from './ui/icon';

interface Servers {
  iceServers: RTCIceServer[];
}

/** What the server gives to try. */
interface Offer {
  one: Servers;
  another: Servers;
  /** The relay is switched off. */
  off: boolean;
  /** People reach the server by https. */
  secure: boolean;
}

type Kind = 'stun' | 'udp' | 'tcp' | 'tls';

interface Line {
  url: string;
  kind: Kind;
  ends: Ends;
  trial?: Trial;
}

function kindOf(url: string): Kind {
  if (url.startsWith('stun')) return 'stun';
  if (url.startsWith('turns')) return 'tls';
  return url.endsWith('udp') ? 'udp' : 'tcp';
}

export function ConnectionScreen() {
  const [run, again] = useState(0);
  const [offer, setOffer] = useState<Offer>();
  const [lines, setLines] = useState<Line[]>();
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    let on = true;
    setLines(undefined);
    setTrouble('');
    get<Offer>('/api/relay').then((o) => {
      if (!on) return;
      setOffer(o);
      const ways = waysOf(o);
      setLines(ways);
      for (const way of ways) {
        void attempt(way).then((trial) => on && setLines((all) => all?.map((l) => (l.url === way.url ? { ...l, trial } : l))));
      }
    }, (e) => on && setTrouble(reason(e)));
    return () => {
      on = false;
    };
  }, [run]);
  const done = lines?.every((l) => l.trial);
  return (
    <main class="page">
      <h1>{t('connection.heading')}</h1>
      <p>{t('connection.text')}</p>
      {trouble && <p class="net" role="alert"><Icon name="warn" />{trouble}</p>}
      {lines && <ul class="rows" aria-busy={!done}>{lines.map((l) => <Way key={l.url} line={l} />)}</ul>}
      {offer && done && <Verdict lines={lines!} offer={offer} />}
      <p><button type="button" disabled={!done && !trouble} onClick={() => again(run + 1)}><Icon name="renew" />{t('connection.again')}</button></p>
    </main>
  );
}

/** What there is to try: each address has credentials of its own. */
function waysOf({ one, another }: Offer): Line[] {
  return one.iceServers.flatMap((server, i) => [server.urls].flat().map((url) => ({ url, kind: kindOf(url), ends: [server, another.iceServers[i]!] as Ends })));
}

async function attempt({ url, kind, ends }: Line): Promise<Trial> {
  if (kind !== 'stun') return tryRelay(url, ends);
  const began = performance.now();
  const address = await seenAs(url);
  return { url, ok: !!address, took: performance.now() - began, error: address };
}

function Way({ line: { url, kind, trial } }: { line: Line }) {
  const ms = Math.round(trial?.took ?? 0).toLocaleString(lang);
  return (
    <li class="session-row way-tried">
      <span><strong>{t(`connection.${kind}`)}</strong> <code class="soft">{url}</code></span>
      <span class={trial ? (trial.ok ? 'presence here' : 'presence gone') : 'soft'}>
        {trial && <span class="dot"><Icon name={trial.ok ? 'check' : 'close'} /></span>}
        {!trial ? t('connection.trying') : trial.ok ? t('connection.works', { ms }) : t('connection.fails', { error: trial.error || '–' })}
      </span>
      {trial && !trial.ok && <span class="soft">{t(`connection.why.${kind}`)}</span>}
    </li>
  );
}

/** Says whether a way works that looks like HTTPS to a network: by TLS, on its port or on that of this page. */
function asHTTPS({ url, kind, trial }: Line): boolean {
  return kind === 'tls' && !!trial?.ok && ['443', location.port || '443'].some((port) => url.includes(`:${port}?`));
}

/** Says what all of it means for people's networks. */
function Verdict({ lines, offer: { secure, off } }: { lines: Line[]; offer: Offer }) {
  const works = (kind: Kind) => lines.some((l) => l.kind === kind && l.trial?.ok);
  const relayed = works('tls') || works('tcp') || works('udp');
  const key = !lines.length ? (off ? 'off' : 'proxy') : !relayed ? 'none' : lines.some(asHTTPS) ? 'all' : secure ? 'no-tls' : 'plain';
  return <p class={key === 'all' || key === 'plain' ? 'card verdict' : 'card verdict warn'} role="status">{t(`connection.verdict.${key}`)}</p>;
}
