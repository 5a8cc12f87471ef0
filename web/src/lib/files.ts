// The bundle files.js: sending files, in browsers. Both pages load it when
// there is something to send, or something on its way.

import { DetailedError, Upload } from 'tus-js-client';
import { browser } from './connection';
import { type Following, type Hearer, Uploads as Anywhere } from './uploads';

const PIECE = 64 << 20; // bytes in one request: some proxies take no more than 100 MB
const MOST_SHOWN = 40_000_000; // bytes of a file that is opened for a preview
const MOST_PREVIEW = 64 << 10; // bytes
const SIDE = 320; // pixels of a preview's longer side
const QUALITIES = [0.8, 0.6, 0.4]; // of JPEG, until it is small enough

export class Uploads extends Anywhere {
  constructor(client: Following, where: { session: string; as?: 'end-user' }) {
    super(client, where, { env: browser(), carry, preview });
  }
}

/** Asks how many bytes the server has, and sends the rest in slices. */
function carry(url: string, file: File, hearer: Hearer): () => void {
  const upload = new Upload(file, {
    uploadUrl: url,
    chunkSize: PIECE,
    retryDelays: null, // Uploads does that, and knows when it is of use
    storeFingerprintForResuming: false,
    onProgress: (sent) => hearer.sent(sent),
    onSuccess: () => hearer.done(),
    onError: (e) => hearer.failed((e instanceof DetailedError && e.originalResponse?.getStatus()) || 0),
  });
  upload.start();
  return () => void upload.abort();
}

/** Makes a small picture of a picture that the browser can read. */
async function preview(file: File): Promise<Blob | undefined> {
  if (!file.type.startsWith('image/') || file.size > MOST_SHOWN) return undefined;
  const picture = await createImageBitmap(file, { resizeWidth: SIDE, resizeQuality: 'medium' });
  const canvas = document.createElement('canvas');
  const scale = Math.min(1, SIDE / picture.height);
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d')!;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return (await transparent(canvas, context)) ?? opaque(canvas, context);
}

/** The picture as PNG, where one can see through it and it is small. */
async function transparent(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): Promise<Blob | undefined> {
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 3; i < data.length; i += 4) {
    if (data[i] !== 255) return small(await encoded(canvas, 'image/png'));
  }
  return undefined;
}

/** The picture as JPEG, on white. */
async function opaque(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): Promise<Blob | undefined> {
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const picture = small(await encoded(canvas, 'image/jpeg', quality));
    if (picture) return picture;
  }
  return undefined;
}

function small(picture: Blob | null): Blob | undefined {
  return picture && picture.size <= MOST_PREVIEW ? picture : undefined;
}

function encoded(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob | null> {
  return new Promise((done) => canvas.toBlob(done, type, quality));
}
