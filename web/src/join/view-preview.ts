// What the person shows, as agents see it, with what they draw on it. It
// stays in the page: nothing is drawn on the real screen.

import { button, make } from './dom';
import type { View } from './view';
import { type Marks, paint } from '../view/marks';

export class Preview {
  readonly #box = make('details', 'preview');
  readonly #summary = make('summary');
  readonly #video = make('video');
  readonly #canvas = make('canvas');
  readonly #frame = make('div', 'frame', this.#video, this.#canvas);
  readonly #tools = make('div', 'acts');
  #drawn = 0; // how many marks there were
  #facing: 'environment' | 'user' = 'environment';
  #track?: MediaStreamTrack;
  #lit = false;
  #soon = 0;

  constructor(private readonly view: View) {
    this.#video.muted = this.#video.playsInline = this.#video.autoplay = true;
    this.#video.onresize = () => this.#fit();
    this.#video.setAttribute('aria-label', view.t('view.preview'));
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.#box.append(this.#summary, this.#frame, this.#tools);
    this.#box.ontoggle = () => this.#fit();
    new ResizeObserver(() => this.#fit()).observe(this.#frame);
  }

  show(): void {
    const { sharing, watchers } = this.view;
    const { stream } = sharing;
    if (!stream || !watchers.length) {
      this.#box.remove();
      this.#video.srcObject = null;
      this.#drawn = 0;
      return;
    }
    const camera = this.view.surface === 'camera';
    if (!this.#box.isConnected) {
      document.querySelector('.viewbar')!.after(this.#box);
      this.#box.open = camera;
    }
    if (this.#video.srcObject !== stream) this.#video.srcObject = stream;
    const [track] = stream.getVideoTracks();
    if (this.#track !== track) this.#tools.replaceChildren(...(camera ? this.#cameraTools(track!) : []));
    this.#track = track;
    this.#marks([...sharing.marks.entries()]);
  }

  /** Shows it with the next frame: agents may draw as often as they like. */
  soon(): void {
    this.#soon ||= requestAnimationFrame(() => {
      this.#soon = 0;
      this.show();
    });
  }

  #marks(all: [agent: string, marks: Marks][]): void {
    const drawing = all.filter(([, m]) => m.marks.length || m.laser);
    const n = all.reduce((sum, [, m]) => sum + m.marks.length, 0);
    if (n && !this.#drawn) this.#box.open = true; // somebody began to draw: it is to be seen
    this.#drawn = n;
    const names = new Intl.ListFormat(this.view.chat.boot.lang).format(drawing.map(([agent]) => this.view.name(agent)));
    const text = this.view.t(drawing.length ? 'view.draws' : 'view.preview', { agents: names, n: drawing.length });
    if (this.#summary.textContent !== text) this.#summary.textContent = text;
    const frozen = all.some(([, m]) => m.frozen);
    if (frozen !== this.#video.paused) void (frozen ? this.#video.pause() : this.#video.play().catch(() => undefined));
    paint(this.#canvas, all.map(([, m]) => m));
  }

  /** Keeps the canvas exactly over the picture. */
  #fit(): void {
    const { videoWidth: w, videoHeight: h } = this.#video;
    if (!w || !h) return;
    this.#frame.style.aspectRatio = `${w} / ${h}`;
    const width = Math.round(this.#frame.clientWidth * devicePixelRatio);
    const height = Math.round(this.#frame.clientHeight * devicePixelRatio);
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    paint(this.#canvas, [...this.view.sharing.marks.values()]);
  }

  /** Another camera and its light, where the phone has them. */
  #cameraTools(track: MediaStreamTrack): HTMLElement[] {
    const { t } = this.view;
    this.#facing = track.getSettings().facingMode === 'user' ? 'user' : 'environment';
    const turn = button(t('view.turn'), () => void this.view.turn(this.#facing === 'user' ? 'environment' : 'user'));
    turn.className = 'act';
    this.#lit = false;
    if (!(track.getCapabilities?.() as { torch?: boolean } | undefined)?.torch) return [turn];
    const light = button(t('view.light'), () => {
      this.#lit = !this.#lit;
      light.setAttribute('aria-pressed', String(this.#lit));
      void track.applyConstraints({ advanced: [{ torch: this.#lit } as MediaTrackConstraintSet] }).catch(() => undefined);
    });
    light.className = 'act';
    light.setAttribute('aria-pressed', 'false');
    return [turn, light];
  }
}
