import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  path: string;
}

/**
 * An integrator's server. What it answers is decided call by call; 200 unless told. Its address lies in a room: what is
 * still under way to a room that was left is thanked for and not written down.
 */
export async function startReceiver() {
  const received: Received[] = [];
  let room = 0;
  let answer: (response: ServerResponse, one: Received) => void = (response) => response.end('thanks');
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = request.url ?? '';
      const here = `/${room}`;
      if (url !== here && !url.startsWith(`${here}/`)) {
        response.end('thanks');
        return;
      }
      const path = url.slice(here.length);
      const one = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8'), path };
      received.push(one);
      answer(response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${room}`;
    },
    received,
    /** Leaves the room for an empty one, which thanks for everything. */
    moves: () => {
      room += 1;
      received.length = 0;
      answer = (response) => response.end('thanks');
    },
    /** A status code, or what to do with the response. */
    answers: (next: number | typeof answer) => {
      answer = typeof next === 'number' ? (response) => response.writeHead(next).end() : next;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
