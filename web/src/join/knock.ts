// Waiting outside until the agent decides.

import { byId, tell } from './dom';
import { Client } from '../lib/client';
import type { Translate } from '../lib/text';

/** Waits on the session's live stream; goes in, or shows the page that says why not. */
export function waitOutside(session: string, t: Translate, admitted: () => void): void {
  const client = new Client({ session, as: 'end-user' });
  const stop = client.subscribe(() => {
    tell(byId('net'), client.status === 'offline' ? t('net.offline') : '');
    const decided = client.standing === 'admitted' || client.standing === 'here';
    const over = client.standing === 'refused' || client.status === 'ended' || client.status === 'removed';
    if (!decided && !over) return;
    stop();
    client.close();
    if (decided) admitted();
    else location.reload();
  });
}
