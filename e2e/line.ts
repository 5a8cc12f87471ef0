// A network between people and the server that a test can cut: nothing gets
// through, and nobody is told.

import { connect, createServer, type Server, type Socket } from 'node:net';

export class Line {
  private readonly sockets = new Set<Socket>();
  private on = true;

  private constructor(private readonly server: Server) {}

  /** Passes everything at one port on to another. */
  static open(port: number, to: number): Promise<Line> {
    const server = createServer();
    const line = new Line(server);
    server.on('connection', (near) => line.pass(near, connect(to, '127.0.0.1')));
    return new Promise((done) => server.listen(port, '127.0.0.1', () => done(line)));
  }

  /** Lets nothing through, or everything again, what waited first. */
  cut(off: boolean): void {
    this.on = !off;
    for (const s of this.sockets) if (this.on) s.resume(); else s.pause();
  }

  /** Ends all connections, as a change of networks does; new ones get through. */
  change(): void {
    for (const s of this.sockets) s.destroy();
  }

  close(): void {
    this.change();
    this.server.close();
  }

  private pass(near: Socket, far: Socket): void {
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (data) => {
        if (!to.write(data)) from.pause();
      });
      to.on('drain', () => this.on && from.resume());
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => this.sockets.delete(from));
      if (!this.on) from.pause();
    }
  }
}
