// Says what this browser can show, and brings the bundle that shows it as
// soon as somebody asks.

import type { Chat } from './chat';
import type { Bodies } from '../lib/protocol';
import type { Translate } from '../lib/text';
import { equipment } from '../view/capture';
import { foldView } from '../view/state';

const VIEW: string = '/assets/view.js';

/** Follows whether somebody asks to see something. */
export function views(chat: Chat, t: Translate): void {
  const client = chat.client!;
  let loading = false;
  let told = false;
  const look = () => {
    const { views: events, ended } = client.conversation;
    if (!client.caughtUp || client.status !== 'online') return;
    if (!told) {
      told = true;
      equip(foldView(events, !!ended).equipment[client.you]);
    }
    if (loading || ended || !events.some((e) => /^(view|control)-/.test(e.type))) return;
    loading = true;
    void (import(VIEW) as Promise<typeof import('./view')>).then(({ begin }) => begin(chat, t), () => (loading = false)); // the next news tries again
  };
  const equip = (known?: Bodies['equipped']) => {
    const can = equipment();
    if (known && known.screen === can.screen && known.camera === can.camera && (known.system ?? '') === can.system && (known.browser ?? '') === can.browser) return;
    client.request('equip', can).catch(() => undefined); // another page of theirs has said so
  };
  client.subscribe(look);
  look();
}
