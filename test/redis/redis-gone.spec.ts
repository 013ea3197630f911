import { loadConfig } from '../../config/index.js';
import { ApiClient } from '../../src/demo/client.js';
import { generate, sendingDay } from '../../src/demo/generate/index.js';
import { ensureFirstAccount } from '../../src/first-account.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { redisServer, type RedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';

const date = sendingDay();

describe('without its Redis', () => {
  let redis: RedisServer;
  let app: TestApp;
  let api: ApiClient;
  const orders = [...generate({ count: 60, seed: 17, defects: 0, date, formats: ['json'], states: ['NY'] })];

  const intake = async () => {
    return (await api.post<{ id: string }>('/api/intake', JSON.parse(orders.pop()?.body ?? ''))).id;
  };
  const moved = async (id: string) =>
    (await api.get<{ state: string }>(`/api/prescriptions/${id}`)).state !== 'received';
  const ready = async () => (await fetch(`${app.url}/api/health/ready`)).status;

  beforeAll(async () => {
    redis = await redisServer();
    await redis.start();
    app = await startTestApp({ env: { REDIS_URL: redis.url, OUTBOX_LEASE_MS: '1500' } });
    const admin = await ensureFirstAccount(app.app, loadConfig({}));
    api = await ApiClient.signIn(app.url, admin?.email ?? '', admin?.generatedPassword ?? '');
  });
  afterAll(async () => {
    await app.stop();
    await redis.remove();
  });

  it('takes prescriptions in, says that it is not ready, and works them off when Redis is back, without a restart', async () => {
    const before = await intake();
    await until(() => moved(before));
    await redis.kill();
    const meanwhile = [await intake(), await intake(), await intake()];
    expect(await ready()).toBe(503);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await Promise.all(meanwhile.map(moved))).toEqual([false, false, false]);
    await redis.start();
    await until(async () => (await Promise.all(meanwhile.map(moved))).every(Boolean));
    await until(async () => (await ready()) === 200);
  });

  it('loses nothing when Redis forgets everything at once', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      ids.push(await intake());
      if (count % 4 === 0) await redis.wipe();
    }
    await until(async () => (await Promise.all(ids.map(moved))).every(Boolean));
    const twice = await app.sql(
      `SELECT prescription_id, action FROM prescription_status_events GROUP BY prescription_id, action HAVING count(*) > 1`,
    );
    expect(twice).toEqual([]);
  });

  it('starts all the same when Redis is away at first', async () => {
    await redis.kill();
    const second = await startTestApp({ sandbox: false, env: { REDIS_URL: redis.url } });
    expect((await fetch(`${second.url}/api/health/live`)).status).toBe(200);
    await redis.start();
    await until(async () => (await fetch(`${second.url}/api/health/ready`)).status === 200);
    await second.stop();
  });

  it('ends when it is told to, though Redis never answered and work is due', async () => {
    const third = await startTestApp({ sandbox: false, env: { REDIS_URL: 'redis://127.0.0.1:1' } });
    const admin = await ensureFirstAccount(third.app, loadConfig({}));
    const other = await ApiClient.signIn(third.url, admin?.email ?? '', admin?.generatedPassword ?? '');
    await other.post('/api/intake', JSON.parse(orders.pop()?.body ?? ''));
    const begun = Date.now();
    await third.stop();
    expect(Date.now() - begun).toBeLessThan(30_000);
  });
});
