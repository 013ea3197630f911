import { Controller, Post, UploadedFiles, UseInterceptors } from '@nestjs/common';
import { FilesInterceptor, type UploadedMultipartFile } from '@nestjs/platform-fastify/multipart';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Public } from '../../src/modules/auth/index.js';
import { Accepts } from '../../src/platform/http/index.js';
import { startHttpApp } from '../support/http-app.js';
import { multipart } from '../support/operations.js';

let uploaded: number[] = [];

@Controller('taker')
class TakerController {
  @Post()
  @Public()
  take(): void {
    return;
  }

  @Post('pictures')
  @Public()
  @Accepts('multipart/form-data')
  @UseInterceptors(FilesInterceptor('picture', 4))
  pictures(@UploadedFiles() files: UploadedMultipartFile[]): void {
    uploaded = files.map(({ size }) => size);
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

describe('an upload that says nothing of its length', () => {
  let host: Awaited<ReturnType<typeof startHttpApp>>;
  beforeAll(async () => {
    host = await startHttpApp({ controllers: [TakerController] });
  });
  afterAll(() => host.stop());
  beforeEach(() => {
    uploaded = [];
  });

  const picture = (name: string, bytes: number) => ({
    disposition: `name="${name}"; filename="a.png"`,
    content: Buffer.alloc(bytes),
  });
  const of = (...sizes: number[]) => sizes.map((size) => picture('picture', size));
  const send = async (body: Buffer) => {
    const answer = await fetch(`${host.url}/api/taker/pictures`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: new Blob([new Uint8Array(body)]).stream(),
      duplex: 'half',
    });
    return [answer.status, ((await answer.json().catch(() => ({}))) as { code?: string }).code];
  };

  it('is read whole within the limit', async () => {
    expect(await send(multipart('b', of(7 * megabyte, 5 * megabyte, 100)))).toEqual([201, undefined]);
    expect(uploaded).toEqual([7 * megabyte, 5 * megabyte, 100]);
  });

  it.each([
    ['pictures that are each small enough', multipart('b', of(7 * megabyte, 7 * megabyte, 7 * megabyte))],
    ['what stands before the first part', Buffer.concat([Buffer.alloc(21 * megabyte), multipart('b', of(100))])],
    ['what stands behind the last part', Buffer.concat([multipart('b', of(100)), Buffer.alloc(21 * megabyte)])],
  ])('is refused at 20 MB, also of %s', async (_, body) => {
    expect(await send(body)).toEqual([413, 'request.too-large']);
    expect(uploaded).toEqual([]);
  });

  it('is read no further once a part of it was refused', async () => {
    const endless = new ReadableStream<Uint8Array>({
      start: (body) => body.enqueue(multipart('b', [picture('another', 100)]).subarray(0, -10)),
      pull: (body) => body.enqueue(new Uint8Array(megabyte)),
    });
    const { url } = host;
    const refused = fetch(`${url}/api/taker/pictures`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: endless,
      duplex: 'half',
    });
    // Its sender may be cut off before it has read why.
    const status = await refused.then((answer) => answer.status).catch(() => 400);
    expect(status).toBe(400);
  });
});
