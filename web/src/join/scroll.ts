// Where the reader is in the conversation. New messages come into view by
// themselves only while the reader is at its end.

const NEAR = 48; // pixels from the end that still count as being there

export class Scroller {
  #pinned = false;

  constructor(private readonly box: HTMLElement, moved: () => void) {
    box.addEventListener('scroll', () => {
      this.#pinned = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
      moved();
    }, { passive: true });
    // The keyboard of a phone, a longer draft, a turned screen.
    new ResizeObserver(() => this.settle()).observe(box);
  }

  /** Says whether the newest message is in view. */
  get atEnd(): boolean {
    return this.#pinned;
  }

  toEnd(): void {
    this.#pinned = true;
    this.settle();
  }

  /** Stays at the end after something changed, where the reader was there. */
  settle(): void {
    if (this.#pinned) this.box.scrollTop = this.box.scrollHeight;
  }

  /** Changes the page without moving this element, which stays in it, under the reader's eyes. */
  keeping(element: Element, change: () => void): void {
    const before = element.getBoundingClientRect().bottom;
    this.#pinned = false;
    change();
    this.box.scrollTop += element.getBoundingClientRect().bottom - before;
  }
}
