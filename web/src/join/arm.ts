// Consent buttons: they do nothing until their card has been seen whole, in a
// page that has the focus, for a moment, and never for a pointer that rests
// where it was pressed last. So nobody is made to press one by a double click
// or by another window that moves away.

const SEEN_FOR = 800; // ms
const LOOK_EVERY = 100; // ms
const MOVED = 4; // pixels

/** Where the pointer was pressed last; a finger stays there for as long as a second tap may belong to the first. */
let pressed: { x: number; y: number; until: number } | undefined;
/** The press that goes on (people's last for a while) until its click has been dealt with, and the button that it may press. */
let press: { button: Element | null; held: boolean } | undefined;

const far = (e: MouseEvent) => !pressed || Math.hypot(e.clientX - pressed.x, e.clientY - pressed.y) > MOVED;
addEventListener('pointerdown', (e) => {
  const rested = !far(e) && e.timeStamp <= pressed!.until;
  press = { button: rested ? null : (e.target as Element).closest('[aria-disabled="false"]'), held: true };
  pressed = { x: e.clientX, y: e.clientY, until: e.pointerType === 'touch' ? e.timeStamp + SEEN_FOR : Infinity };
}, { capture: true });
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => press && (press.held = false), { capture: true });
addEventListener('click', () => (press = undefined));
addEventListener('pointermove', (e) => {
  if (far(e)) pressed = undefined;
}, { capture: true });

/** Says whether the pointer rests over a button since it was pressed there, and let go. */
function restsOn(button: HTMLElement): boolean {
  if (!pressed || press?.held || performance.now() > pressed.until) return false;
  const { left, right, top, bottom } = button.getBoundingClientRect();
  return pressed.x >= left && pressed.x <= right && pressed.y >= top && pressed.y <= bottom;
}

/** Arms the buttons of a card once it has been seen; each then does its act for a person's own press. Returns how to stop. */
export function arm(card: HTMLElement, buttons: Map<HTMLButtonElement, () => void>): () => void {
  let since = 0;
  let before: DOMRect | undefined;
  let whole = false;
  const observer = new IntersectionObserver((entries) => (whole = entries.at(-1)!.intersectionRatio > 0.99), { threshold: [0.9, 0.99, 1] });
  observer.observe(card);
  const set = (armed: boolean) => {
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
      const may = press && e.detail > 0 ? press.button === b : b.getAttribute('aria-disabled') === 'false'; // else by a key
      if (e.isTrusted && may) act();
    };
  }
  set(false);
  const timer = setInterval(look, LOOK_EVERY);
  return () => {
    clearInterval(timer);
    observer.disconnect();
  };
}
