// A picture of what the agent sees, with what they have drawn on it.

import { type Marks, paint } from '../../view/marks';
import { t } from '../say';

/** Takes it in the picture's own size. */
export async function snapshot(video: HTMLVideoElement, marks: Marks): Promise<File> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const over = canvas.cloneNode() as HTMLCanvasElement;
  paint(over, [{ ...marks, laser: null } as Marks]);
  const c = canvas.getContext('2d')!;
  c.drawImage(video, 0, 0);
  c.drawImage(over, 0, 0);
  const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('.');
  return new File([picture!], t('view.snapshot.name', { date, time }), { type: 'image/png' });
}
