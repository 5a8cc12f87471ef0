// Moving through the conversation by keys: it is one stop for Tab, and within
// it the arrows go from message to message.

const steps: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 };

/** Moves the focus to the message before or after; from the conversation itself, to the newest. */
export function moveFocus(e: KeyboardEvent): void {
  const log = e.currentTarget as HTMLElement;
  const target = e.target as HTMLElement;
  const onMessage = target.classList.contains('msg');
  if (target !== log && !onMessage) return;
  if (e.key === 'Enter' && onMessage) {
    e.preventDefault();
    target.querySelector<HTMLElement>('.msg-menu button')?.click();
  }
  const step = steps[e.key];
  if (!step || (target === log && step > 0)) return;
  e.preventDefault();
  const all = [...log.querySelectorAll<HTMLElement>('.msg')];
  const next = onMessage ? all[all.indexOf(target) + step] : all.at(-1);
  (next ?? (step > 0 ? log : undefined))?.focus();
}
