// A small picture of what the end-user sees at a step, per system and browser:
// enough to tell them on the phone where to press.

import type { ComponentChildren } from 'preact';
import { t } from '../say';
import type { Step } from './card';

interface Seen {
  step: Step;
  system: string;
  browser: string;
  agent: string;
}

export function Scene(seen: Seen) {
  const content = scene(seen);
  return content && <figure class="scene" aria-hidden="true">{content}</figure>;
}

function scene({ step, system, browser, agent }: Seen): ComponentChildren {
  switch (step) {
    case 'seen':
    case 'delivered':
    case 'away':
      return <Window><Box><b>{t('scene.ask', { agent })}</b><Buttons of={[t('scene.no'), t('scene.yes')]} /></Box></Window>;
    case 'screen':
    case 'part':
      return <Picker browser={browser} />;
    case 'download':
      return <Window><Box><b>{t('scene.helper')}</b><Buttons of={[t('scene.download')]} /></Box></Window>;
    case 'start':
      return <><Window downloads><Box><b>{t('scene.file', { system })}</b></Box></Window><Warning system={system} /></>;
    case 'allow':
      return <Window helper><Box><b>{t('scene.allow', { agent })}</b><Buttons of={[t('scene.no'), t('scene.allow.yes')]} /></Box></Window>;
  }
  return undefined;
}

function Window({ children, downloads, helper }: { children: ComponentChildren; downloads?: boolean; helper?: boolean }) {
  return (
    <div class="scene-window">
      <div class="scene-head"><i /><i /><i /><span>{helper ? 'Deskside Helper' : location.host}</span>{downloads && <em>↓</em>}</div>
      {children}
    </div>
  );
}

function Box({ children }: { children: ComponentChildren }) {
  return <div class="scene-box">{children}</div>;
}

/** The last of them is the one to press. */
function Buttons({ of }: { of: string[] }) {
  return <p class="scene-buttons">{of.map((label, i) => <span key={label} class={i === of.length - 1 ? 'press' : ''}>{label}</span>)}</p>;
}

/** The browser's own window for choosing what to share. */
function Picker({ browser }: { browser: string }) {
  const tabs = browser === 'firefox' ? [t('scene.picker.list')] : browser === 'safari' ? [t('scene.picker.window'), t('scene.picker.screen')]
    : [t('scene.picker.tab'), t('scene.picker.window'), t('scene.picker.screen')];
  return (
    <div class="scene-window">
      <Box>
        <b>{t('scene.picker')}</b>
        <p class="scene-tabs">{tabs.map((tab, i) => <span key={tab} class={i === tabs.length - 1 ? 'press' : ''}>{tab}</span>)}</p>
        <p class="scene-screens"><i class="press" /></p>
        <Buttons of={[t('scene.cancel'), t('scene.share')]} />
      </Box>
    </div>
  );
}

/** What systems say of programs that they don't know. */
function Warning({ system }: { system: string }) {
  if (system === 'windows') return <div class="scene-window blue"><Box><b>{t('scene.windows')}</b><u>{t('scene.windows.more')}</u><Buttons of={[t('scene.windows.run')]} /></Box></div>;
  if (system === 'macos') return <div class="scene-window"><Box><b>{t('scene.macos')}</b><Buttons of={[t('scene.macos.done'), t('scene.macos.open')]} /></Box></div>;
  return null;
}
