// The Console: the frame, and the screen that the address names.

import { useEffect } from 'preact/hooks';
import type { Boot } from './boot';
import { title } from './attention';
import { ConnectionScreen } from './connection';
import { Frame } from './frame';
import { HistoryScreen } from './history';
import { RingBar } from './ringbar';
import { route } from './router';
import { t } from './say';
import { Nothing, SessionScreen } from './session/screen';
import { SupportScreen } from './support';
import { TextsScreen } from './textsscreen';
import { Notices } from './ui/notice';

export function App({ boot }: { boot: Boot }) {
  return (
    <>
      <Frame boot={boot} />
      <RingBar />
      <Screen boot={boot} />
      <Notices />
    </>
  );
}

function Screen({ boot }: { boot: Boot }) {
  const r = route.value;
  switch (r.screen) {
    case 'session':
    case 'past':
      return <SessionScreen key={r.id} id={r.id} />;
    case 'support':
      return <Titled name={t('nav.support')}><SupportScreen /></Titled>;
    case 'history':
      return <Titled name={t('nav.history')}><HistoryScreen /></Titled>;
    case 'texts':
      return <Titled name={t('texts.heading')}><TextsScreen allowed={boot.agent.role === 'administrator'} /></Titled>;
    case 'connection':
      return <Titled name={t('connection.heading')}><ConnectionScreen /></Titled>;
    default:
      return <Nothing text={t('error.not-found')} />;
  }
}

function Titled({ name, children }: { name: string; children: preact.ComponentChildren }) {
  useEffect(() => void (title.value = name), [name]);
  return <>{children}</>;
}
