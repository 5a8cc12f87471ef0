// The agent's menu: language, look, sound, notifications, keys, signing out.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { switchNotifications } from './attention';
import type { Boot } from './boot';
import { chooseLanguage, notifications, shortcuts, sound, theme, type Theme } from './prefs';
import { t } from './say';
import { armed, ring } from './sound';
import { Icon } from './ui/icon';
import { Popover } from './ui/popover';

export function AgentMenu({ boot }: { boot: Boot }) {
  return (
    <Popover class="quiet agent" panelClass="agent-panel" title={t('menu.agent', { name: boot.agent.name })}
      face={<><span class="face" aria-hidden="true">{initials(boot.agent.name)}</span><span class="wide name-of">{boot.agent.name}</span><Icon name="down" class="small" /></>}>
      {(close) => <Panel boot={boot} close={close} />}
    </Popover>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ''].map((w) => [...(w ?? '')][0] ?? '').join('').toLocaleUpperCase();
}

function Panel({ boot, close }: { boot: Boot; close(): void }) {
  return (
    <div class="stack tight">
      <p class="who"><strong>{boot.agent.name}</strong><span class="soft">{boot.agent.email}</span></p>
      <Choice name={t('language')}>
        <select aria-label={t('language')} value={boot.lang} onChange={(e) => chooseLanguage(e.currentTarget.value)}>
          {boot.langs.map((l) => <option key={l} value={l} lang={l}>{new Intl.DisplayNames(l, { type: 'language' }).of(l)}</option>)}
        </select>
      </Choice>
      <Choice name={t('theme')}>
        <select aria-label={t('theme')} value={theme.value} onChange={(e) => (theme.value = e.currentTarget.value as Theme)}>
          {(['system', 'light', 'dark'] as const).map((v) => <option key={v} value={v}>{t(`theme.${v}`)}</option>)}
        </select>
      </Choice>
      <Switch name={t('sound')} on={sound.value === 'on'} turn={(on) => (sound.value = on ? 'on' : 'off')} />
      <p class="row"><button type="button" onClick={() => void ring()}><Icon name="sound" />{t('sound.test')}</button></p>
      <NotificationSwitch />
      <Switch name={t('keys')} on={shortcuts.value === 'on'} turn={(on) => (shortcuts.value = on ? 'on' : 'off')} />
      {boot.agent.role === 'administrator' && <p><a class="button full" href="/texts" onClick={close}><Icon name="edit" />{t('texts.heading')}</a></p>}
      <p><a class="button full" href="/connection" onClick={close}><Icon name="figures" />{t('connection.heading')}</a></p>
      <form id="sign-out" method="post" action="/sign-out"><button class="full"><Icon name="door" />{t('sign-out')}</button></form>
    </div>
  );
}

function Choice({ name, children }: { name: string; children: ComponentChildren }) {
  return <p class="setting"><span aria-hidden="true">{name}</span>{children}</p>;
}

function Switch({ name, on, turn, disabled }: { name: string; on: boolean; turn(on: boolean): void; disabled?: boolean }) {
  return <label class="setting"><span>{name}</span><input type="checkbox" role="switch" checked={on} disabled={disabled} onChange={(e) => turn(e.currentTarget.checked)} /></label>;
}

function NotificationSwitch() {
  const [permission, setPermission] = useState(permissionNow);
  const possible = permission === 'default' || permission === 'granted';
  const turn = async (on: boolean) => {
    await switchNotifications(on);
    setPermission(permissionNow());
  };
  return (
    <>
      <Switch name={t('notifications')} on={notifications.value === 'on' && permission === 'granted'} disabled={!possible} turn={turn} />
      {!possible && <p class="soft">{t(`notifications.${permission}`)}</p>}
    </>
  );
}

function permissionNow(): NotificationPermission | 'unsupported' {
  return 'Notification' in globalThis ? Notification.permission : 'unsupported';
}

/** Says when the sound is switched on and the browser does not let it be heard yet. */
export function SoundState() {
  if (sound.value === 'off' || armed.value) return null;
  return (
    <p class="sound-state">
      <Icon name="mute" /><span class="wide">{t('sound.blocked')}</span>
      <button type="button" class="small" onClick={() => void ring()}>{t('sound.test')}</button>
    </p>
  );
}
