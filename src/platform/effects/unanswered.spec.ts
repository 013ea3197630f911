import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { endsCall, neverSent } from './unanswered.js';

const listening = (server: Server) =>
  new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
const failureOf = (url: string, signal?: AbortSignal) =>
  fetch(url, { method: 'POST', body: 'x', ...(signal && { signal }) }).catch((error: unknown) => error);

/** Answers by what `act` does to the connection once the request is there. */
async function against(act: (socket: Socket) => void): Promise<unknown> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => act(socket));
  });
  const url = await listening(server);
  try {
    return await failureOf(url, AbortSignal.timeout(300));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

describe('a call without an answer', () => {
  it('was never sent when nobody listens there', async () => {
    const server = createServer();
    const url = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(neverSent(await failureOf(url))).toBe(true);
  });

  it.each([
    ['the name leads nowhere', Object.assign(new Error('x'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })],
    ['no connection came about in time', new TypeError('x', { cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } })],
    ['none of several addresses answers', { errors: [{ syscall: 'connect' }, { syscall: 'connect' }] }],
    ['an SDK says so under another name', { type: 'StripeConnectionError', detail: { syscall: 'connect' } }],
    ['an SDK puts its code in the place of the certificate’s', { code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }],
  ])('was never sent when %s', (_, error) => {
    expect(neverSent(error)).toBe(true);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['the connection is cut', (socket) => socket.resetAndDestroy()],
    ['nothing comes', () => undefined],
  ])('may have been sent when %s', async (_, act) => {
    expect(neverSent(await against(act))).toBe(false);
  });

  it('says nothing of its end when another on the way lost patience', () => {
    expect([500, 502, 503, 504, 524].filter(endsCall)).toEqual([500, 502, 503]);
  });
});
