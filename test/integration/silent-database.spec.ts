import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import { PreparingClient, watchSilence } from '../../src/platform/db/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const withinMs = 1_500;

describe('a connection to a database that falls silent', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let freeze: () => void;
  let close: () => void;

  beforeAll(async () => {
    database = await createTestDatabase();
    const target = new URL(database.databaseUrl);
    const server = { port: Number(target.port), host: target.hostname };
    const pairs: Socket[] = [];
    const proxy = createServer((inner) => {
      const outer = createConnection(server);
      pairs.push(inner, outer);
      for (const one of [inner, outer]) one.on('error', () => undefined);
      inner.pipe(outer).pipe(inner);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
    target.port = String((proxy.address() as AddressInfo).port);
    freeze = () => pairs.forEach((one) => one.unpipe().pause());
    close = () => {
      for (const one of pairs) one.destroy();
      proxy.close();
    };
    client = new PreparingClient({ connectionString: target.href });
    client.on('error', () => undefined);
    await client.connect();
  });
  afterAll(async () => {
    close();
    await database.drop();
  });

  it('may be quiet while nobody waits, and answers in time when it is there', async () => {
    const unwatched = watchSilence(client, withinMs);
    expect((await client.query('SELECT pg_sleep(0.1), 1 AS one')).rows).toMatchObject([{ one: 1 }]);
    unwatched();
    await new Promise((resolve) => setTimeout(resolve, 2 * withinMs));
    expect((await client.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
  });

  it('ends, and whoever waits hears of it', async () => {
    freeze();
    watchSilence(client, withinMs);
    await expect(client.query('SELECT 1')).rejects.toThrow(/Connection terminated/);
  });
});
