import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { startSandbox, type RunningSandbox, type SandboxOptions } from './sandbox.js';

export interface ReceivedWebhook {
  path: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An application that writes down every webhook and answers what the test wants. */
export interface Receiver {
  url: string;
  received: ReceivedWebhook[];
  /** Status for the next answers; 200 when empty. */
  answers: number[];
  /** Waits until a webhook fits. */
  next(fits: (webhook: ReceivedWebhook) => boolean): Promise<ReceivedWebhook>;
  close(): Promise<void>;
}

export const testSecrets = {
  stripe: 'whsec_test',
  twilio: 'twilio-token',
  shippo: 'shippo-secret',
  lifefile: 'lifefile-secret',
};

export interface TestSandbox extends RunningSandbox {
  receiver: Receiver;
  dataDir: string;
  get(path: string): Promise<unknown>;
  post(path: string, body?: object): Promise<{ status: number; body: unknown }>;
}

/** One sandbox on free ports with its own receiver and ledger folder. */
export async function startTestSandbox(options: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
  const receiver = await startReceiver();
  const dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const fixed = { port: 0, smtpPort: 0, speed: 0, appUrl: receiver.url, dataDir, secrets: testSecrets };
  const sandbox = await startSandbox({ ...fixed, ...options });
  return {
    ...sandbox,
    receiver,
    dataDir,
    get: async (path) => (await fetch(sandbox.url + path)).json(),
    post: async (path, body = {}) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(sandbox.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    },
    stop: async () => {
      await sandbox.stop();
      await receiver.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function startReceiver(): Promise<Receiver> {
  const received: ReceivedWebhook[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((content) => {
      const url = request.url ?? '/';
      received.push({ path: url.split('?')[0] ?? '', url, headers: request.headers, body: content.toString('utf8') });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answers,
    next: (fits) => eventually(() => received.find(fits)),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Asks again every few milliseconds until there is an answer. */
export async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>, withinMs = 8000): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
