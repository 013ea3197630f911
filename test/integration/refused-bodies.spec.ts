import { Controller, Post } from '@nestjs/common';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Public } from '../../src/modules/auth/index.js';
import { startHttpApp } from '../support/http-app.js';

@Controller('taker')
class TakerController {
  @Post()
  @Public()
  take(): void {
    return;
  }
}

const megabyte = 1024 * 1024;
const pieces = 20;

/** A client that reads only when it has sent everything, as most do. @returns what it reads, or why it could not send */
async function sendSlowly(url: string, framing: string, frame: (piece: Buffer) => Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port), hostname).pause();
  const failed = new Promise<string>((resolve) => socket.once('error', (error) => resolve(error.message)));
  const sent = async (): Promise<string> => {
    socket.write(`POST /api/taker HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`);
    for (let count = 0; count < pieces; count += 1) {
      await new Promise<void>((resolve) => socket.write(frame(Buffer.alloc(megabyte / 2, 32)), () => resolve()));
      await sleep(20);
    }
    return new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())).resume());
  };
  try {
    return await Promise.race([sent(), failed]);
  } finally {
    socket.destroy();
  }
}

describe('a body of 10 MB', () => {
  let host: Awaited<ReturnType<typeof startHttpApp>>;

  beforeAll(async () => {
    host = await startHttpApp({ controllers: [TakerController] });
  });
  afterAll(() => host.stop());

  it.each(['keep-alive', 'close'])('is refused with an answer its sender can read (%s)', async (connection) => {
    const framing = `Content-Length: ${(pieces * megabyte) / 2}\r\nConnection: ${connection}`;
    const answer = await sendSlowly(host.url, framing, (piece) => piece);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"request\.too-large"/);
  });

  it('that says nothing of its length is as well', async () => {
    const chunked = (piece: Buffer) =>
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
    const answer = await sendSlowly(host.url, 'Transfer-Encoding: chunked', chunked);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"request\.too-large"/);
  });
});
