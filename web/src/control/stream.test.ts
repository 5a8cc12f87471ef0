import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Stream } from './stream';
import { decode, encode, MAX_PIECE } from './wire';

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

/** A line that carries frames one after the other, at so many bytes a second, with 20 ms on top. */
function line(rate: number) {
  const frames: { bytes: Uint8Array; at: number }[] = [];
  let free = 0;
  return {
    carry: (now: number, bytes: Uint8Array) => frames.push({ bytes, at: (free = Math.max(free, now) + (bytes.length / rate) * 1000) + 20 }),
    arrived: (now: number) => frames.splice(0, (frames.findIndex((f) => f.at > now) + 1 || frames.length + 1) - 1),
  };
}

for (const { megabits, late } of [{ megabits: 10, late: 300 }, { megabits: 1, late: 4000 }]) {
  test(`streams: a click and a clipboard on a line of ${megabits} Mbit/s, as in stream_test.go`, () => {
    const [page, helper, rate, total] = [new Stream(), new Stream(), megabits * 125_000, 3 << 20];
    const [to, from, ideal] = [line(rate), line(rate), (total / rate) * 1000];
    let [now, sent, got, clicked, came] = [0, 0, 0, false, 0];
    for (; got < total || !came; now += 5) {
      assert.ok(now < 4 * ideal, `${got} bytes have come`);
      for (const { bytes } of from.arrived(now)) page.receive(bytes);
      if (!clicked && now >= 1000) {
        clicked = true;
        page.queue({ k: 'release' });
      }
      for (; sent < total && !page.full; sent += MAX_PIECE) page.queue({ k: 'piece', id: 1, total, offset: sent, picture: false, data: new Uint8Array(MAX_PIECE) });
      for (const frame of page.out(now)) to.carry(now, frame);
      for (const m of to.arrived(now).flatMap(({ bytes }) => helper.receive(bytes))) {
        if (m.k === 'piece') got += m.data.length;
        else came = now;
      }
      for (const frame of helper.out(now)) from.carry(now, frame);
    }
    assert.ok(now < ideal * 1.25, `it took ${now} ms, and could have taken ${ideal}`);
    assert.ok(came - 1000 < late, `the click came ${came - 1000} ms late`);
  });
}
