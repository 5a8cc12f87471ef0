// Consent buttons: they do nothing until their card has been seen whole, in a
// page that has the focus, for a moment, and never for a pointer that rests
// where it was pressed last. So nobody is made to press one by a double click
// or by another window that moves away.

const SEEN_FOR = 800; // ms
const LOOK_EVERY = 100; // ms
const MOVED = 4; // pixels

/** Where the pointer was pressed last; a finger stays there for as long as a second tap may belong to the first. */
let pressed: { x: number; y: number; until: number } | undefined;
let held = false; // it is pressed still: a person's press lasts for a while, and is one press
let vain = false; // it was pressed where it had rested, or on a button that did nothing yet

const far = (e: MouseEvent) => !pressed || Math.hypot(e.clientX - pressed.x, e.clientY - pressed.y) > MOVED;
addEventListener('pointerdown', (e) => {
  vain = (!far(e) && e.timeStamp <= pressed!.until) || !!(e.target as Element).closest('[aria-disabled="true"]');
  pressed = { x: e.clientX, y: e.clientY, until: e.pointerType === 'touch' ? e.timeStamp + SEEN_FOR : Infinity };
  held = true;
}, { capture: true });
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => (held = false), { capture: true });
addEventListener('pointermove', (e) => {
  if (far(e)) pressed = undefined;
}, { capture: true });

/** Says whether the pointer rests over a button since it was pressed there, and let go. */
function restsOn(button: HTMLElement): boolean {
  if (!pressed || held || performance.now() > pressed.until) return false;
  const { left, right, top, bottom } = button.getBoundingClientRect();
  return pressed.x >= left && pressed.x <= right && pressed.y >= top && pressed.y <= bottom;
}

/** Arms the buttons of a card once it has been seen; each then does its act for a person's own press. Returns how to stop. */
export function arm(card: HTMLElement, buttons: Map<HTMLButtonElement, () => void>): () => void {
  let since = 0;
  let before: DOMRect | undefined;
  let whole = false;
  let armed = false;
  const observer = new IntersectionObserver((entries) => (whole = entries.at(-1)!.intersectionRatio > 0.99), { threshold: [0.9, 0.99, 1] });
  observer.observe(card);
  const set = (yes: boolean) => {
    armed = yes;
    for (const b of buttons.keys()) b.setAttribute('aria-disabled', String(!armed || restsOn(b)));
  };
  const look = () => {
    const now = card.getBoundingClientRect();
    const still = !!before && Math.abs(now.top - before.top) < MOVED && Math.abs(now.left - before.left) < MOVED;
    before = now;
    if (!whole || !still || document.hidden || !document.hasFocus()) since = 0;
    else since ||= performance.now();
    set(!!since && performance.now() - since >= SEEN_FOR);
  };
  for (const [b, act] of buttons) {
    b.onclick = (e) => {
      const byPointer = e.detail > 0;
      if (e.isTrusted && armed && !(byPointer && vain)) act();
    };
  }
  set(false);
  const timer = setInterval(look, LOOK_EVERY);
  return () => {
    clearInterval(timer);
    observer.disconnect();
  };
}
