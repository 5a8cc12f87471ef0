// What an agent does on a session's screen beside writing.

import { signal } from '@preact/signals';
import { t } from '../say';
import { announce } from '../ui/notice';
import type { Room } from './room';

/** What became of copying the link. */
export const copied = signal<'' | 'done' | 'refused'>('');

const SAID_FOR = 4000; // milliseconds that the button says that it did
let timer = 0;

/** Puts the session link into the clipboard, where the browser lets it. */
export async function copyLink(room: Room): Promise<void> {
  const link = room.card.value?.link;
  if (!link) return;
  clearTimeout(timer);
  try {
    await navigator.clipboard.writeText(link);
    copied.value = 'done';
    announce(t('invite.copied.aloud'));
    timer = window.setTimeout(() => (copied.value = ''), SAID_FOR);
  } catch {
    copied.value = 'refused'; // the field with the link shows, selected
  }
  await room.ask('invite', { via: 'link' });
}

/** Opens the dialog where the server sends mail; otherwise the agent's mail program with the message written. */
export function openMail(room: Room): void {
  const { sends, mailto } = room.card.value ?? {};
  if (sends?.email) room.dialog.value = 'email';
  if (sends?.email || !mailto) return;
  location.href = mailto;
  void room.ask('invite', { via: 'email' });
}
