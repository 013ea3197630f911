import { connect, createServer, type Server, type Socket } from 'node:net';
import { PassThrough, type Transform } from 'node:stream';
import { freePort } from './ports.js';

/** A TCP door in front of a server, shut at first: what lies behind it is away until `open`, and away again after `shut`. */
export class Gate {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  private constructor(
    private readonly port: number,
    private readonly behind: { host: string; port: number },
    private readonly answers: () => Transform,
  ) {}

  /**
   * @param answers of each connection: what the server says goes through it
   * @returns the gate and the address that leads through it
   */
  static async before(
    address: string,
    answers: () => Transform = () => new PassThrough(),
  ): Promise<{ gate: Gate; url: string }> {
    const url = new URL(address);
    const gate = new Gate(await freePort(), { host: url.hostname, port: Number(url.port) }, answers);
    url.hostname = '127.0.0.1';
    url.port = String(gate.port);
    return { gate, url: url.toString() };
  }

  async open(): Promise<void> {
    const server = createServer((inner) => {
      const outer = connect(this.behind);
      for (const [one, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        this.sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.sockets.delete(one);
          other.destroy();
        });
      }
      inner.pipe(outer).pipe(this.answers()).pipe(inner);
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
  }

  async shut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = server && new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
