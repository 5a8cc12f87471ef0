// Where the reader is in the conversation. New messages come into view by
// themselves only while the reader is at its end.

const NEAR = 48; // pixels from the end that still count as being there

export class Scroller {
  atEnd = true;
  private readonly sizes: ResizeObserver;

  constructor(private readonly box: HTMLElement, moved: () => void) {
    box.addEventListener('scroll', () => {
      const before = this.atEnd;
      this.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
      if (this.atEnd !== before) moved();
    }, { passive: true });
    this.sizes = new ResizeObserver(() => this.settle()); // a phone's keyboard, a longer draft, a turned screen
    this.sizes.observe(box);
  }

  close(): void {
    this.sizes.disconnect();
  }

  toEnd(): void {
    this.atEnd = true;
    this.settle();
  }

  /** Stays at the end after something changed, where the reader was there. */
  settle(): void {
    if (this.atEnd) this.box.scrollTop = this.box.scrollHeight;
  }

  /** Returns how to put a line back, once the page has changed, to where it is on the screen now. */
  keeping(line: HTMLElement): () => void {
    const before = line.getBoundingClientRect().top;
    this.atEnd = false;
    return () => {
      if (line.isConnected) this.box.scrollTop += line.getBoundingClientRect().top - before;
    };
  }
}
