import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { createConnection, type Socket } from 'node:net';
import { renderScriptError } from '../../src/modules/intake/script-refusal.js';
import { Public } from '../../src/modules/auth/index.js';
import { Accepts, RendersErrors } from '../../src/platform/http/index.js';
import { startHttpApp } from '../support/http-app.js';
import { until } from '../support/until.js';

let begun = 0;
let letEnd: () => void = () => undefined;
const held = new Promise<void>((resolve) => (letEnd = resolve));

@Controller('door')
class DoorController {
  @Get('slow')
  @Public()
  async slow(): Promise<{ done: true }> {
    begun += 1;
    await held;
    return { done: true };
  }

  @Post('script')
  @Public()
  @HttpCode(200)
  @Accepts('application/xml')
  @RendersErrors(renderScriptError)
  script(): void {
    return;
  }
}

const connectTo = (url: string): Socket => createConnection(Number(new URL(url).port), '127.0.0.1');

/** Everything that is said until the server hangs up. */
async function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  await new Promise<void>((resolve, reject) => socket.once('close', resolve).once('error', reject));
  return text;
}

function expectProblem(answer: string, status: number, code: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
  expect(head).toMatch(/^content-type: application\/problem\+json/im);
  expect(head).toMatch(/^connection: close$/im);
  expect(head).toMatch(/^x-content-type-options: nosniff$/im);
  const problem = JSON.parse(body) as { requestId: string };
  expect(problem).toMatchObject({ status, code });
  expect(head).toContain(`x-request-id: ${problem.requestId}`);
}

describe('what is not read as a request', () => {
  let host: Awaited<ReturnType<typeof startHttpApp>>;
  beforeAll(async () => {
    host = await startHttpApp({ controllers: [DoorController] });
  });
  afterAll(() => host.stop());

  const ask = (text: string): Promise<string> => {
    const socket = connectTo(host.url);
    socket.write(text);
    return readToEnd(socket);
  };

  it.each([
    ['no HTTP', 'HELO mail.example\r\n\r\n', 400, 'request.malformed'],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', 400, 'request.malformed'],
    ['17 KB of headers', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['2 MB of headers', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(2_000_000)}\r\n\r\n`, 431],
  ])('%s is answered with a problem', async (_, text, status, code = 'request.headers-too-large') => {
    expectProblem(await ask(text), status, code);
  });

  it('a request that takes too long to arrive is as well', async () => {
    const server = host.app.getHttpServer();
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const socket = connectTo(host.url);
    socket.write('GET / HTTP/1.1\r\nHost:');
    const read = readToEnd(socket);
    // What Node says after a minute, of a body after five.
    expect([server.headersTimeout, server.requestTimeout]).toEqual([60_000, 300_000]);
    server.emit('clientError', Object.assign(new Error('slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), await accepted);
    expectProblem(await read, 408, 'request.timeout');
  });
});

describe('a request on a connection that is busy when the shutdown begins', () => {
  it('is refused with a time to come back, in the format of its route', async () => {
    const host = await startHttpApp({ controllers: [DoorController] });
    const busy = (): Socket => {
      const socket = connectTo(host.url);
      socket.write('GET /api/door/slow HTTP/1.1\r\nHost: x\r\n\r\n');
      return socket;
    };
    const [json, script] = [busy(), busy()];
    const read = Promise.all([readToEnd(json), readToEnd(script)]);
    await until(() => begun === 2);
    const server = host.app.getHttpServer();
    let late = 0;
    server.on('request', () => (late += 1));
    const stopped = host.stop();
    await until(() => !server.listening);
    json.write('GET /api/health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    const xml = 'Content-Type: application/xml\r\nContent-Length: 4\r\n\r\n<a/>';
    script.write(`POST /api/door/script HTTP/1.1\r\nHost: x\r\n${xml}`);
    await until(() => late === 2);
    letEnd();
    const [problem, error] = (await read).map((text) => text.slice(text.indexOf('{"done":true}')));
    await stopped;
    expect(problem).toMatch(/HTTP\/1\.1 503 [\s\S]*"code":"service\.unavailable"/);
    expect(problem).toMatch(/^retry-after: \d+$/im);
    expect(problem).toMatch(/^connection: close$/im);
    expect(error).toMatch(/HTTP\/1\.1 503 [\s\S]*<Code>602<\/Code>/);
    const sentAt = /SentTime>([^<]+)</.exec(error ?? '')?.[1] ?? '';
    expect(new Date(sentAt)).toEqual(host.clock.now());
  });
});
