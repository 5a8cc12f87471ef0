// A soft sound for news while the page is not in view. The choice is kept.

import type { Chat } from './chat';
import { button, byId } from './dom';
import type { Translate } from '../lib/text';

const KEPT = 'deskside-sound';

/** Adds the switch to the header. */
export function sound(chat: Chat, t: Translate): void {
  let on = localStorage.getItem(KEPT) !== 'off';
  const audio = new AudioContext();
  document.addEventListener('pointerdown', () => void audio.resume(), { once: true });
  const flip = button('', () => {
    on = !on;
    localStorage.setItem(KEPT, on ? 'on' : 'off');
    label();
    if (on) ping(audio);
  });
  const label = () => {
    flip.textContent = on ? '🔔' : '🔕';
    flip.setAttribute('aria-label', t(on ? 'sound.on' : 'sound.off'));
  };
  flip.className = 'tool';
  label();
  byId('end').before(flip);
  chat.unread!.onArrival = () => {
    if (on && document.hidden) ping(audio);
  };
}

/** Plays two short notes. */
function ping(audio: AudioContext): void {
  void audio.resume();
  const gain = audio.createGain();
  gain.connect(audio.destination);
  gain.gain.setValueAtTime(0.12, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
  [660, 880].forEach((hertz, i) => {
    const note = audio.createOscillator();
    note.frequency.value = hertz;
    note.connect(gain);
    note.start(audio.currentTime + i * 0.12);
    note.stop(audio.currentTime + 0.5);
  });
}
