// A link that opens a written message in the agent's mail program, and a
// button to everybody.

import type { ComponentChildren } from 'preact';
import { useRoom } from './room';

export function MailLink({ mailto, describedBy, children }: { mailto: string; describedBy?: string; children: ComponentChildren }) {
  const room = useRoom();
  if (!mailto) return <button type="button" disabled>{children}</button>;
  return (
    <a role="button" class="button" href={mailto} aria-describedby={describedBy} onClick={() => void room.ask('invite', { via: 'email' })}
      onKeyDown={(e) => e.key === ' ' && (e.preventDefault(), e.currentTarget.click())}>
      {children}
    </a>
  );
}
