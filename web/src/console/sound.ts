// The sound that says that somebody waits. Browsers let a page sound only
// after somebody pressed something on it.

import { signal } from '@preact/signals';

/** Whether the browser lets this page sound. */
export const armed = signal(false);

let context: AudioContext | undefined;

/** Arms the sound with the first press of a button or key. */
export function armSound(): void {
  const gestures = ['pointerdown', 'keydown'] as const;
  const arm = async () => {
    if (!(await wake())) return;
    for (const g of gestures) removeEventListener(g, arm);
  };
  for (const g of gestures) addEventListener(g, arm);
}

async function wake(): Promise<boolean> {
  try {
    context ??= new AudioContext();
    await context.resume();
  } catch {
    context = undefined; // no device, or forbidden: there is no sound then
  }
  armed.value = context?.state === 'running';
  return armed.value;
}

/** Two soft notes, half a second in all. */
export async function ring(): Promise<void> {
  if (!(await wake()) || !context) return;
  note(context, 660, context.currentTime);
  note(context, 880, context.currentTime + 0.18);
}

function note(c: AudioContext, hertz: number, at: number): void {
  const tone = c.createOscillator();
  const volume = c.createGain();
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.32);
  tone.connect(volume).connect(c.destination);
  tone.start(at);
  tone.stop(at + 0.34);
}
