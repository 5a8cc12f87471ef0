// The real server, as a process of its own, with a data folder that goes with
// the test.

import { expect } from '@playwright/test';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const binary = resolve(import.meta.dirname, '..', process.env.DESKSIDE ?? 'bin/deskside');

export const password = 'correct horse battery';

export class Server {
  /** What the process said of itself. */
  output = '';
  private process?: ChildProcess;

  private constructor(
    readonly url: string, private readonly settings: string[], readonly listen = new URL(url).host,
    readonly data = mkdtempSync(join(tmpdir(), 'deskside-e2e-')), private readonly database?: string,
  ) {}

  /** Starts a server on a free port; its first agents are those named. */
  static async start(agents: string[], settings: string[] = [], scheme: 'http' | 'https' = 'http'): Promise<Server> {
    const server = new Server(`${scheme}://127.0.0.1:${await freePort()}`, settings);
    for (const name of agents) server.addAgent(name);
    await server.launch();
    return server;
  }

  /** Starts one that people reach by another port than it listens on. */
  static async startBehind(port: number, agents: string[]): Promise<{ server: Server; port: number }> {
    const own = await freePort();
    const server = new Server(`http://127.0.0.1:${port}`, [], `127.0.0.1:${own}`);
    for (const name of agents) server.addAgent(name);
    await server.launch();
    return { server, port: own };
  }

  /** Makes one of several nodes on a PostgreSQL database, which have a folder of data in common; it is not started yet. */
  static async node(url: string, database: string, data?: string): Promise<Server> {
    return new Server(url, [], `127.0.0.1:${await freePort()}`, data, database);
  }

  /** Makes an account: the first one is an administrator's, unless the role says otherwise. */
  addAgent(name: string, role = ''): void {
    const made = spawnSync(binary, ['agent', 'add', '--name', name, '--email', emailOf(name), '--data', this.data, ...(role ? ['--role', role] : [])], { input: `${password}\n`, env: this.env });
    if (made.status !== 0) throw new Error(`agent add: ${made.stderr}`);
  }

  async launch(): Promise<void> {
    const run = spawn(binary, ['serve', '--listen', this.listen, '--base-url', this.url, '--data', this.data, ...this.settings], { env: this.env });
    for (const pipe of [run.stdout, run.stderr]) pipe.on('data', (text) => (this.output += text));
    this.process = run;
    while (run.exitCode === null) {
      if (await this.ready()) return;
      await new Promise((again) => setTimeout(again, 20));
    }
    throw new Error(`the server did not start:\n${this.output}`);
  }

  /** The link that makes the first administrator: printed once the server is up, so a moment after it answers. */
  async setupLink(): Promise<string> {
    const link = () => this.output.match(/^\s*(http:\S+\/setup\/\S+)\s*$/m)?.[1];
    await expect.poll(link).toBeTruthy();
    return link()!;
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...process.env, ...(this.database && { DESKSIDE_DATABASE: this.database }) };
  }

  private ready(): Promise<boolean> {
    return new Promise((done) => {
      const { get } = this.url.startsWith('https') ? https : http;
      get(`${new URL(this.url).protocol}//${this.listen}/readyz`, { rejectUnauthorized: false }, (answer) => {
        answer.resume();
        done(answer.statusCode === 200);
      }).on('error', () => done(false));
    });
  }

  /** Ends the process without any warning. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Asks the process to end, and waits until it has. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const run = this.process;
    if (!run || run.exitCode !== null || run.signalCode) return;
    const gone = new Promise((done) => run.once('exit', done));
    run.kill(signal);
    await gone;
  }

  /** Ends the server and forgets its data. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }
}

export function emailOf(name: string): string {
  return `${name.toLowerCase()}@example.org`;
}

/** A port of this machine on which nobody listens. */
export function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
