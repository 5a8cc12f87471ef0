// What the log says of controlling an end-user's computer: the same fold as
// the server's (control.go); testdata/fold holds both to the same results.

import type { Bodies, SessionEvent } from '../lib/protocol';
import { foldView } from '../view/state';

export interface ControlState {
  phase: '' | 'asked' | 'preparing' | 'on';
  /** Who asks for it, or has it. */
  agent: string;
  /** Whose computer it is. */
  of: string;
  /** When it was asked for, or agreed to. */
  at: string;
  /** The seq of the event that asked. */
  seq: number;
  /** The end-user has a code for a helper. */
  offered: boolean;
  /** A helper was started with it. */
  paired: boolean;
  system: Bodies['helper-paired']['system'] | '';
  /** It is connected. */
  reached: boolean;
  since: string;
  clipboard: boolean;
  paused: boolean;
  /** The agent sees what may be a whole screen. */
  whole: boolean;
}

const OFF: ControlState = { phase: '', agent: '', of: '', at: '', seq: 0, offered: false, paired: false, system: '', reached: false, since: '', clipboard: false, paused: false, whole: false };

/** Folds the events about views and control of a session, which may be over. */
export function foldControl(events: readonly SessionEvent[], ended = false): ControlState {
  let c = OFF;
  if (ended) return c;
  events.forEach((e, i) => {
    switch (e.type) {
      case 'control-asked':
        c = { ...OFF, phase: 'asked', agent: e.by!, of: e.data.of, at: e.at, seq: e.seq };
        break;
      case 'control-preparing':
        c = { ...c, phase: 'preparing', at: e.at };
        break;
      case 'helper-offered':
        c = { ...c, offered: true };
        break;
      case 'helper-paired':
        c = { ...c, paired: true, system: e.data.system, reached: false };
        break;
      case 'helper-reached':
        c = { ...c, reached: e.data.on };
        break;
      case 'control-granted':
        c = { ...c, phase: 'on', since: e.at, clipboard: !!e.data.clipboard, paused: false };
        break;
      case 'control-paused':
        c = { ...c, paused: e.data.on };
        break;
      case 'view-stopped':
        if (c.phase === 'on' && !foldView(events.slice(0, i + 1)).watchers.includes(c.agent)) c = OFF;
        break;
      case 'control-declined':
      case 'control-stopped':
        c = OFF;
    }
  });
  if (!c.phase) return c;
  const { endUser, watchers, surface } = foldView(events);
  return { ...c, whole: endUser === c.of && watchers.includes(c.agent) && (surface === 'monitor' || surface === 'unknown') };
}
