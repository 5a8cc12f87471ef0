// What the agent needs beside the picture while they control: what the helper
// does just now, keys that browsers keep for themselves, and the clipboards.

import { useEffect } from 'preact/hooks';
import { useLooking } from '../session/room';
import { t } from '../say';
import { Icon } from '../ui/icon';
import { ControlSteps } from './card';

/** Combinations that browsers or systems keep. */
const KEYS = {
  'ctrl-alt-del': ['ControlLeft', 'AltLeft', 'Delete'],
  'alt-tab': ['AltLeft', 'Tab'],
  'alt-f4': ['AltLeft', 'F4'],
  meta: ['MetaLeft'],
  'meta-r': ['MetaLeft', 'KeyR'],
  'ctrl-shift-esc': ['ControlLeft', 'ShiftLeft', 'Escape'],
  escape: ['Escape'],
  print: ['PrintScreen'],
} as const;

/** Keyboard Lock (WICG): in full screen, keys that the browser would keep go to the page. */
type Lockable = Navigator & { keyboard?: { lock?(): Promise<void>; unlock?(): void } };

export function ControlBar({ stage }: { stage: { current: HTMLElement | null } }) {
  const room = useLooking();
  const { controlling, looking } = room;
  const { allowed, steering } = controlling;
  useEffect(() => {
    const { keyboard } = navigator as Lockable;
    const look = () => {
      if (allowed && document.fullscreenElement === stage.current) void keyboard?.lock?.().catch(() => undefined);
      else keyboard?.unlock?.();
    };
    addEventListener('fullscreenchange', look);
    look();
    return () => {
      removeEventListener('fullscreenchange', look);
      keyboard?.unlock?.();
    };
  }, [allowed]);
  if (!allowed) return <Request />;
  const { mode } = steering;
  const on = mode === 'on';
  return (
    <div class="control-bar" role="toolbar" aria-label={t('control.bar')}>
      <button type="button" class="quiet" aria-pressed={looking.tool.value === 'control'} onClick={() => (looking.tool.value = looking.tool.value === 'control' ? 'hand' : 'control')}>
        <Icon name="pointer" />{t('control.tool')}
      </button>
      <p class={`control-mode ${mode}`} role="status">{t(`control.mode.${mode}`, { guest: room.nameOf(controlling.state.of) })}</p>
      {mode === 'elsewhere' && <button type="button" class="small" onClick={() => room.takeHere()}>{t('control.here')}</button>}
      <Keys disabled={!on} press={(codes) => controlling.typist.combination(...codes)} />
      <div class="tools-group">
        <button type="button" class="quiet small" disabled={!on || !steering.clipboard} title={steering.clipboard ? undefined : t('control.notice.no-clipboard')} onClick={() => void controlling.giveClipboard()}>{t('control.give')}</button>
        <button type="button" class="quiet small" disabled={!on || !steering.clipboard} title={steering.clipboard ? undefined : t('control.notice.no-clipboard')} onClick={() => controlling.fetchClipboard()}>{t('control.fetch')}</button>
        <button type="button" class="quiet small" disabled={!on} title={t('control.type.hint')} onClick={() => void controlling.typeClipboard()}>{t('control.type')}</button>
        {steering.clipboard && <label class="tick small"><input type="checkbox" checked={controlling.shares} onChange={(e) => (controlling.shares = e.currentTarget.checked)} /><span>{t('control.share')}</span></label>}
      </div>
      <button type="button" class="danger small" onClick={() => void room.ask('stop-control')}><Icon name="stop" />{t('control.stop')}</button>
    </div>
  );
}

/** The way to control, for who sees the screen already. */
function Request() {
  const room = useLooking();
  const { phase } = room.controlling.state;
  const phone = room.looking.state.surface === 'camera';
  if (room.controlling.mine) return <div class="control-bar steps"><ControlSteps /></div>;
  if (phase || phone) return null;
  return <div class="control-bar quiet"><button type="button" class="small" onClick={() => void room.ask('ask-control')}><Icon name="pointer" />{t('control.request')}</button><span class="soft">{t('control.hint')}</span></div>;
}

function Keys({ disabled, press }: { disabled: boolean; press(codes: readonly string[]): void }) {
  return (
    <select class="small" aria-label={t('control.send-keys')} disabled={disabled} value=""
      onChange={(e) => {
        const chosen = e.currentTarget.value as keyof typeof KEYS | '';
        e.currentTarget.value = '';
        if (chosen) press(KEYS[chosen]);
      }}>
      <option value="">{t('control.send-keys')}</option>
      {Object.keys(KEYS).map((name) => <option key={name} value={name}>{t(`control.key.${name}`)}</option>)}
    </select>
  );
}
