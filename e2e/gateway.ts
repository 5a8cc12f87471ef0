// A text message gateway that speaks Kannel's sendsms interface and behaves as
// the journey says. The real Kannel is tested in internal/notify; this one can
// also be slow, refuse, be down, or answer twice.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Sms {
  to: string;
  text: string;
  /** Where the gateway reports to; %d stands for what it reports. */
  receipt: string;
}

/** How the gateway treats the next messages. */
export type Manner = 'takes' | 'refuses' | 'hangs' | 'dies' | 'answers twice';

export class Gateway {
  readonly messages: Sms[] = [];
  manner: Manner = 'takes';
  private server?: Server;
  private waiting: ServerResponse[] = [];

  private constructor(readonly port: number) {}

  static async open(): Promise<Gateway> {
    const gateway = new Gateway(0);
    await gateway.up();
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What a server needs to send by it. */
  get settings(): string[] {
    return ['--sms-gateway', 'kannel', '--sms-url', this.url, '--sms-user', 'deskside', '--sms-password', 'secret of the gateway', '--sms-from', 'Example'];
  }

  /** Listens, on the same port each time. */
  async up(): Promise<void> {
    this.server = createServer((request, answer) => this.take(request, answer));
    await new Promise<void>((ready) => this.server!.listen(this.port, '127.0.0.1', ready));
    Object.assign(this, { port: (this.server!.address() as AddressInfo).port });
  }

  /** Goes away: nobody can connect any more. */
  async down(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((gone) => this.server?.close(gone) ?? gone(undefined));
    this.server = undefined;
  }

  /** Answers those whom it let wait. */
  release(): void {
    for (const answer of this.waiting.splice(0)) answer.writeHead(202).end('0: Accepted for delivery');
  }

  /** Reports on a message: 1 is delivered, 2 is not (Kannel's dlr-mask). */
  async report(sms: Sms, kind: 1 | 2): Promise<number> {
    return (await fetch(sms.receipt.replace('%d', String(kind)))).status;
  }

  private take(request: IncomingMessage, answer: ServerResponse): void {
    const asked = new URL(request.url ?? '/', this.url).searchParams;
    if (this.manner === 'refuses') return void answer.writeHead(403).end('Authorization failed for sendsms');
    this.messages.push({ to: asked.get('to') ?? '', text: asked.get('text') ?? '', receipt: asked.get('dlr-url') ?? '' });
    if (this.manner === 'hangs') return void this.waiting.push(answer);
    if (this.manner === 'dies') return void request.socket.destroy();
    answer.writeHead(202).end('0: Accepted for delivery');
    if (this.manner === 'answers twice') {
      const { receipt } = this.messages.at(-1)!;
      for (const kind of ['1', '1', '8']) void fetch(receipt.replace('%d', kind)).catch(() => undefined);
    }
  }
}
