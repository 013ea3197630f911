import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { isPublicAddress } from '../address.policy.js';
import { until } from '../../../../test/support/until.js';
import { guardedLookup, type Resolve } from './guarded-lookup.js';
import { HttpSender } from './http-sender.js';

const open = new HttpSender({ NODE_ENV: 'test', WEBHOOKS_ALLOW_PRIVATE: 'true' });
const guarded = new HttpSender({ NODE_ENV: 'test', WEBHOOKS_ALLOW_PRIVATE: 'false' });

describe('the way out to integrators', () => {
  const servers: Server[] = [];
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const receiver = async (answer: RequestListener) => `http://127.0.0.1:${await listen(createHttp(answer))}/hook`;
  const send = (url: string, sender = open) => sender.send({ url, headers: { 'content-length': '2' }, body: '{}' });

  afterAll(async () => {
    for (const server of servers.filter(({ listening }) => listening)) {
      if ('closeAllConnections' in server) (server as ReturnType<typeof createHttp>).closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  it('posts the body and answers the status', async () => {
    let seen = '';
    const url = await receiver((request, response) => {
      request.on('data', (chunk: Buffer) => (seen += `${request.method ?? ''} ${chunk.toString()}`));
      request.on('end', () => response.writeHead(202).end('{"ok":true}'));
    });
    expect(await send(url)).toEqual({ statusCode: 202 });
    expect(seen).toBe('POST {}');
  });

  it('follows no redirect', async () => {
    let followed = false;
    const target = await receiver((_request, response) => {
      followed = true;
      response.end();
    });
    const url = await receiver((_request, response) => response.writeHead(307, { location: target }).end());
    expect(await send(url)).toEqual({ statusCode: 307 });
    expect(followed).toBe(false);
  });

  it('cuts an answer off that does not end', async () => {
    const seen = { cut: false };
    const url = await receiver((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(32_768)), 5);
      response.on('close', () => {
        seen.cut = true;
        clearInterval(timer);
      });
    });
    const started = Date.now();
    expect(await send(url)).toEqual({ statusCode: 200 });
    expect(Date.now() - started).toBeLessThan(5_000);
    await until(() => seen.cut);
  });

  it.each(['Connection: Upgrade\r\nUpgrade: websocket\r\n', 'Connection: close\r\n'])(
    'takes a change of the protocol nobody asked for as an answer, with %j',
    async (headers) => {
      let lost = false;
      const port = await listen(
        createTcp((socket) => {
          socket.on('error', () => undefined);
          socket.on('close', () => (lost = true));
          socket.once('data', () => socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`));
        }),
      );
      expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ statusCode: 101 });
      await until(() => lost);
    },
  );

  it('waits 15 s for an answer and no longer', async () => {
    const url = await receiver(() => undefined);
    const started = Date.now();
    expect(await send(url)).toEqual({ failureCode: 'timeout' });
    expect(Date.now() - started).toBeGreaterThanOrEqual(14_900);
    expect(Date.now() - started).toBeLessThan(25_000);
  });

  it('says in a code of ours why nothing was answered', async () => {
    const closed = createTcp();
    const port = await listen(closed);
    closed.close();
    await once(closed, 'close');
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ failureCode: 'connection-refused' });

    const hangsUp = await listen(createTcp((socket) => socket.destroy()));
    expect(await send(`http://127.0.0.1:${hangsUp}/`)).toEqual({ failureCode: 'connection-lost' });

    const stops = await listen(createTcp((socket) => socket.resume().end('HTTP/1.1 200 OK\r\nContent-')));
    expect(await send(`http://127.0.0.1:${stops}/`)).toEqual({ failureCode: 'connection-lost' });

    const babbles = await listen(createTcp((socket) => socket.resume().end('220 smtp.example.com ESMTP\r\n')));
    expect(await send(`http://127.0.0.1:${babbles}/`)).toEqual({ failureCode: 'not-http' });
    expect(await send(`https://127.0.0.1:${babbles}/`)).toEqual({ failureCode: 'tls' });
    expect(await send('http://no-such-host.invalid/')).toEqual({ failureCode: 'name-unknown' });
  });

  it.each(['http://127.0.0.1', 'http://[::1]', 'http://2130706433', 'http://localhost', 'http://[::ffff:127.0.0.1]'])(
    'does not go to %s',
    async (origin) => {
      let reached = false;
      const url = await receiver((_request, response) => {
        reached = true;
        response.end();
      });
      expect(await send(`${origin}:${new URL(url).port}/`, guarded)).toEqual({ failureCode: 'address-refused' });
      expect(reached).toBe(false);
    },
  );
});

describe('the look-up of a name', () => {
  const lookup = (answers: readonly LookupAddress[][], all = true) => {
    let asked = 0;
    const resolve: Resolve = (_host, _options, done) => {
      const answer = answers[asked] ?? [];
      asked += 1;
      done(null, [...answer]);
    };
    const guard = guardedLookup(resolve, isPublicAddress);
    return new Promise((settle) => {
      guard('hooks.example.com', { all }, (error, address, family) =>
        settle({ code: error?.code, address, family, asked }),
      );
    });
  };
  const publicOne = { address: '93.184.215.14', family: 4 };

  it('answers what it has checked, asked once: there is no second answer to go to', async () => {
    const rebinding = [[publicOne], [{ address: '127.0.0.1', family: 4 }]];
    expect(await lookup(rebinding)).toEqual({ code: undefined, address: [publicOne], family: undefined, asked: 1 });
    expect(await lookup(rebinding, false)).toMatchObject({ address: publicOne.address, family: 4, asked: 1 });
  });

  it.each([
    ['127.0.0.1', 4],
    ['10.0.0.7', 4],
    ['169.254.169.254', 4],
    ['::1', 6],
    ['fd00::1', 6],
    ['::ffff:192.168.1.1', 6],
  ])('fails when %s is among the addresses', async (address, family) => {
    expect(await lookup([[publicOne, { address, family }]])).toMatchObject({ code: 'address-refused' });
  });

  it('fails for a name without addresses', async () => {
    expect(await lookup([[]])).toMatchObject({ code: 'ENOTFOUND' });
  });
});
