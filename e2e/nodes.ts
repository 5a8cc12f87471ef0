// Two nodes on one PostgreSQL database, behind a balancer that gives each
// connection to the next of them.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { connect, createServer, type Server as Listener, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, Server } from './server';
import { test as base } from './test';

const root = resolve(import.meta.dirname, '..');

/** A PostgreSQL server of the test's own. */
class Database {
  private readonly lines: AsyncIterator<string>;
  url = '';

  private constructor(private readonly process: ChildProcess) {
    this.lines = createInterface(process.stdout!)[Symbol.asyncIterator]();
  }

  static async start(): Promise<Database> {
    const program = join(root, '.cache', 'database');
    execFileSync('go', ['build', '-o', program, './e2e/database'], { cwd: root });
    const database = new Database(spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] }));
    database.url = await database.answer();
    return database;
  }

  async tell(what: 'stop' | 'run'): Promise<void> {
    this.process.stdin!.write(`${what}\n`);
    await this.answer();
  }

  async end(): Promise<void> {
    const gone = new Promise((done) => this.process.once('exit', done));
    this.process.stdin!.end();
    await gone;
  }

  private async answer(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the database has ended');
    return value;
  }
}

/** Knows no sessions: whoever connects gets to the next node that answers. */
class Balancer {
  /** How many connections each node had. */
  readonly served = [0, 0];
  private readonly sockets = new Set<Socket>();
  private turn = 0;

  private constructor(private readonly listener: Listener, private readonly nodes: Server[]) {}

  static open(port: number, nodes: Server[]): Promise<Balancer> {
    const listener = createServer();
    const balancer = new Balancer(listener, nodes);
    listener.on('connection', (near) => balancer.pass(near, nodes.length));
    return new Promise((done) => listener.listen(port, '127.0.0.1', () => done(balancer)));
  }

  close(): void {
    for (const s of this.sockets) s.destroy();
    this.listener.close();
  }

  private pass(near: Socket, tries: number): void {
    const which = this.turn++ % this.nodes.length;
    const far = connect(Number(new URL(`http://${this.nodes[which]!.listen}`).port), '127.0.0.1');
    far.once('error', () => (tries > 1 ? this.pass(near, tries - 1) : near.destroy()));
    far.once('connect', () => {
      far.removeAllListeners('error');
      this.served[which]!++;
      for (const [from, to] of [[near, far], [far, near]] as const) {
        this.sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => (this.sockets.delete(from), to.destroy()));
      }
      near.pipe(far).pipe(near);
    });
  }
}

export const test = base.extend<{ database: Database; nodes: Server[]; balancer: Balancer }>({
  database: async ({}, use) => {
    const database = await Database.start();
    await use(database);
    await database.end();
  },
  nodes: async ({ database }, use, info) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const one = await Server.node(url, database.url);
    const nodes = [one, await Server.node(url, database.url, one.data)];
    one.addAgent('Ada');
    for (const node of nodes) await node.launch();
    await use(nodes);
    if (info.status !== info.expectedStatus) for (const node of nodes) await info.attach('node', { body: node.output });
    await Promise.all(nodes.map((node) => node.kill()));
    await one.remove();
  },
  balancer: async ({ nodes }, use) => {
    const balancer = await Balancer.open(Number(new URL(nodes[0]!.url).port), nodes);
    await use(balancer);
    balancer.close();
  },
  server: async ({ nodes, balancer: _ }, use) => use(nodes[0]!), // its URL is the balancer's
});
