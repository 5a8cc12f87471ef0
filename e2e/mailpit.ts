// Mailpit: a real mail server that keeps what it gets.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './server';

export interface Mail {
  Subject: string;
  Text: string;
  HTML: string;
  From: { Name: string; Address: string };
  To: { Address: string }[];
  ReplyTo: { Name: string; Address: string }[];
}

export class Mailpit {
  private readonly database = join(tmpdir(), `deskside-mailpit-${process.pid}-${Math.random()}.db`);
  private process?: ChildProcess;

  private constructor(private readonly smtp: number, private readonly http: number) {}

  static async start(): Promise<Mailpit> {
    const mailpit = new Mailpit(await freePort(), await freePort());
    await mailpit.launch();
    return mailpit;
  }

  /** What a server needs to send by it. */
  get settings(): string[] {
    return ['--smtp-host', '127.0.0.1', '--smtp-port', String(this.smtp), '--smtp-security', 'none', '--smtp-from', 'Example Support <support@example.org>'];
  }

  async launch(): Promise<void> {
    const binary = execFileSync(resolve(import.meta.dirname, '../scripts/mailpit.sh'), { encoding: 'utf8' }).trim();
    const options = ['--disable-version-check', '--smtp', `127.0.0.1:${this.smtp}`, '--listen', `127.0.0.1:${this.http}`, '--database', this.database];
    this.process = spawn(binary, options, { stdio: 'ignore' });
    while (!(await fetch(this.api('messages')).catch(() => undefined))?.ok) await new Promise((again) => setTimeout(again, 20));
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.process?.once('exit', done) ?? done(undefined));
    this.process?.kill('SIGKILL');
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop();
    for (const end of ['', '-shm', '-wal']) rmSync(this.database + end, { force: true });
  }

  /** Everything that came, the newest first. */
  async mails(): Promise<Mail[]> {
    const { messages } = (await (await fetch(this.api('messages'))).json()) as { messages: { ID: string }[] };
    return Promise.all(messages.map(async ({ ID }) => (await (await fetch(this.api(`message/${ID}`))).json()) as Mail));
  }

  private api(path: string): string {
    return `http://127.0.0.1:${this.http}/api/v1/${path}`;
  }
}
