// What the log says of seeing an end-user's screen: the same fold as the
// server's (view.go); testdata/fold holds both to the same results.

import type { Bodies, SessionEvent } from '../lib/protocol';

export interface ViewState {
  /** Whose screen is shown; '' while none is. */
  endUser: string;
  surface: Bodies['view-granted']['surface'] | '';
  sound: boolean;
  paused: boolean;
  /** When the first of those who see it now began to. */
  since: string;
  /** The agents who see it. */
  watchers: string[];
  /** The seq of the event that let each of them. */
  grants: Record<string, number>;
  asks: Ask[];
  /** What the browsers of end-users can show; one that is missing can share its screen. */
  equipment: Record<string, Bodies['equipped']>;
}

/** A request that waits for an answer. */
export interface Ask {
  agent: string;
  of: string;
  camera: boolean;
  sound: boolean;
  /** The end-user said yes, and chooses what to share. */
  choosing: boolean;
  /** The seq of the event that asked. */
  seq: number;
  at: string;
  /** The end-user's page was loaded again: nobody but their browser asks. */
  again: boolean;
}

const NOTHING = { endUser: '', surface: '', sound: false, paused: false, since: '', watchers: [] as string[] } as const;

/** Folds the events about views of a session, which may be over. */
export function foldView(events: readonly SessionEvent[], ended = false): ViewState {
  let v: ViewState = { ...NOTHING, watchers: [], grants: {}, asks: [], equipment: {} };
  if (ended) return v;
  const answered = (agent: string) => (v.asks = v.asks.filter((a) => a.agent !== agent));
  const ask = (e: SessionEvent, agent: string, of: string, camera: boolean, sound: boolean, again = false) => {
    answered(agent);
    v.asks.push({ agent, of, camera, sound, choosing: false, seq: e.seq, at: e.at, again });
  };
  for (const e of events) {
    switch (e.type) {
      case 'view-asked':
        ask(e, e.by!, e.data.of, e.data.surface === 'camera', !!e.data.sound);
        break;
      case 'view-choosing':
        v.asks = v.asks.map((a) => (a.agent === e.data.agent ? { ...a, choosing: true } : a));
        break;
      case 'view-declined':
        answered(e.data.agent);
        break;
      case 'view-granted':
        answered(e.data.agent);
        if (!v.watchers.length) v = { ...v, endUser: e.by!, since: e.at, paused: false };
        v.grants[e.data.agent] = e.seq;
        v.surface = e.data.surface;
        v.sound = !!e.data.sound;
        if (!v.watchers.includes(e.data.agent)) v.watchers.push(e.data.agent);
        break;
      case 'equipped':
        v.equipment[e.by!] = e.data;
        break;
      case 'view-paused':
        v.paused = e.data.on;
        break;
      case 'view-stopped': {
        const gone = e.data.agent ? [e.data.agent] : v.watchers;
        if (e.data.why === 'reload') for (const agent of gone) ask(e, agent, v.endUser, v.surface === 'camera', v.sound, true);
        v.watchers = v.watchers.filter((w) => !gone.includes(w));
        if (!v.watchers.length) v = { ...v, ...NOTHING, watchers: [] };
      }
    }
  }
  return v;
}
