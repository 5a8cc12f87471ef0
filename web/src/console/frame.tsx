// What stands above every screen: the organisation, the ways through the
// Console, and the agent's menu; with it the keys that work everywhere.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { actions, typingIn, useActions } from './actions';
import { AgentMenu, SoundState } from './agentmenu';
import { waits } from './attention';
import type { Boot } from './boot';
import { listStatus, sessions } from './live';
import { Palette } from './palette';
import { shortcuts, theme } from './prefs';
import { go, route } from './router';
import { t } from './say';
import { paletteKeys, Shortcuts } from './shortcuts';
import { ring } from './sound';
import { Icon, type IconName } from './ui/icon';
import { nameOf } from './ui/parts';

/** What lies over the page. */
export const overlay = signal<'' | 'palette' | 'shortcuts'>('');

export function Frame({ boot }: { boot: Boot }) {
  useKeys();
  useFrameActions(boot);
  const close = () => (overlay.value = '');
  return (
    <>
      <header class="frame">
        <a class="skip" href="#app" onClick={(e) => { e.preventDefault(); focusMain(); }}>{t('skip')}</a>
        <p class="org"><Icon name="chat" /><span>{boot.org}</span></p>
        <nav aria-label={t('nav')}>
          <NavLink to="/support" icon="chat" label={t('nav.support')} on={route.value.screen === 'support' || route.value.screen === 'session'} count={waits.value} />
          <NavLink to="/history" icon="history" label={t('nav.history')} on={route.value.screen === 'history' || route.value.screen === 'past'} />
        </nav>
        <span class="gap" />
        <SoundState />
        <button type="button" class="quiet search" title={t('palette')} onClick={() => (overlay.value = 'palette')}>
          <Icon name="search" /><span class="wide">{t('palette.short')}</span><kbd class="wide" aria-hidden="true">{paletteKeys().join('+')}</kbd>
        </button>
        <AgentMenu boot={boot} />
      </header>
      {listStatus.value === 'signed-out' && <SignedOut />}
      {overlay.value === 'palette' && <Palette onClose={close} />}
      {overlay.value === 'shortcuts' && <Shortcuts onClose={close} />}
    </>
  );
}

function NavLink({ to, icon, label, on, count = 0 }: { to: string; icon: IconName; label: string; on: boolean; count?: number }) {
  return (
    <a href={to} aria-current={on ? 'page' : undefined}>
      <Icon name={icon} /><span>{label}</span>
      {count > 0 && <span class="count"><span aria-hidden="true">{count}</span><span class="vh">{t('nav.waiting', { n: count })}</span></span>}
    </a>
  );
}

function SignedOut() {
  return <p class="net" role="alert"><Icon name="warn" /><span>{t('net.signed-out')} <a href={`/sign-in?next=${encodeURIComponent(location.pathname)}`}>{t('sign-in')}</a></span></p>;
}

function focusMain(): void {
  const main = document.querySelector('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus();
}

/** The keys that work on every screen. */
function useKeys(): void {
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === 'k') overlay.value = overlay.peek() === 'palette' ? '' : 'palette';
      else if (e.altKey && !e.ctrlKey && !e.metaKey && (e.code === 'KeyJ' || e.code === 'KeyK')) step(e.code === 'KeyJ' ? 1 : -1);
      else if (!single(e)) return;
      e.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

/** Runs what a single key does, while nobody types and no dialog is open. */
function single(e: KeyboardEvent): boolean {
  const typing = typingIn(e.target) || e.ctrlKey || e.metaKey || e.altKey || e.isComposing;
  if (shortcuts.peek() === 'off' || typing || document.querySelector('dialog[open]')) return false;
  const action = actions.peek().find((a) => a.key === e.key);
  action?.run();
  return !!action;
}

/** Goes to the next session of the list, or the one before. */
function step(by: number): void {
  const list = sessions.peek() ?? [];
  if (!list.length) return;
  const r = route.peek();
  const at = list.findIndex((s) => r.screen === 'session' && s.id === r.id);
  const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length;
  go(`/support/${list[next]!.id}`);
}

function useFrameActions(boot: Boot): void {
  useActions(() => [
    { id: 'start', label: t('support.start'), run: startSession },
    { id: 'support', label: t('action.support'), run: () => go('/support') },
    { id: 'history', label: t('action.history'), run: () => go('/history') },
    ...(boot.agent.role === 'administrator' ? [{ id: 'texts', label: t('texts.heading'), run: () => go('/texts') }] : []),
    { id: 'connection', label: t('connection.heading'), run: () => go('/connection') },
    { id: 'next', label: t('action.next'), keys: 'Alt+J', run: () => step(1) },
    { id: 'previous', label: t('action.previous'), keys: 'Alt+K', run: () => step(-1) },
    ...(sessions.value ?? []).map((s) => ({ id: `open ${s.id}`, label: t('action.open', { name: nameOf(s) }), run: () => go(`/support/${s.id}`) })),
    { id: 'shortcuts', label: t('shortcuts'), keys: '?', key: '?', run: () => (overlay.value = 'shortcuts') },
    { id: 'ring', label: t('sound.test'), run: () => void ring() },
    ...(['light', 'dark', 'system'] as const).map((v) => ({ id: v, label: t('action.theme', { theme: t(`theme.${v}`) }), run: () => (theme.value = v) })),
    { id: 'sign-out', label: t('sign-out'), run: () => document.querySelector<HTMLFormElement>('#sign-out')?.requestSubmit() },
  ]);
}

/** Opens a new session in a new tab, as the button on the Support page does. */
function startSession(): void {
  const form = Object.assign(document.createElement('form'), { method: 'post', action: '/support', target: '_blank' });
  document.body.append(form);
  form.submit();
  form.remove();
}
