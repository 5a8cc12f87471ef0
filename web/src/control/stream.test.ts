import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Stream } from './stream';
import { decode, encode } from './wire';

/** As in internal/control's stream_test.go, which has the same tales. */
interface Step {
  say?: number;
  hear?: string;
  heard?: number;
  out: string[];
  taken?: boolean;
}

const tales = JSON.parse(readFileSync('internal/control/testdata/streams.json', 'utf8')) as Record<string, Step[]>;

/** Writes frames as "stream#number of other's, next number: messages", and reads them; the streams of the end that is tested are A, then B. */
class Teller {
  readonly #own: number[] = [];

  write(bytes: Uint8Array): string {
    const f = decode(bytes)!;
    if (!this.#own.includes(f.stream)) this.#own.push(f.stream);
    return `${this.#name(f.stream)}#${f.number} of ${this.#name(f.of)}, next ${f.next}: ${f.messages.length}`;
  }

  read(text: string): Uint8Array {
    const [stream, number, of, next, messages] = /^(\w+)#(\d+) of (\w+), next (\d+): (\d+)$/.exec(text)!.slice(1).map((v) => this.#own[v.charCodeAt(0) - 65] ?? Number(v)) as [number, number, number, number, number];
    return encode({ stream, number, of, next, messages: Array.from({ length: messages }, () => ({ k: 'alive' })) });
  }

  #name(stream: number): string {
    const i = this.#own.indexOf(stream);
    return i < 0 ? String(stream) : String.fromCharCode(65 + i);
  }
}

for (const [name, tale] of Object.entries(tales)) {
  test(`streams: ${name}`, () => {
    const [stream, teller] = [new Stream(), new Teller()];
    tale.forEach((step, i) => {
      for (let n = 0; n < (step.say ?? 0); n++) stream.queue({ k: 'alive' });
      const heard = step.hear ? stream.receive(teller.read(step.hear)).length : 0;
      const out = stream.out(0).map((frame) => teller.write(frame));
      assert.deepEqual({ heard, out }, { heard: step.heard ?? 0, out: step.out }, `step ${i}`);
      if (step.taken !== undefined) assert.equal(stream.taken, step.taken, `step ${i}`);
    });
  });
}
