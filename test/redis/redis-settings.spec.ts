import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { redisProblems, redisSettings } from '../../src/platform/jobs/redis-settings.js';
import { startTestApp } from '../support/app.js';
import { redisServer, type RedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';

describe('a Redis that would lose jobs', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await redisServer(['--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru']);
    await redis.start();
  });
  afterAll(() => redis.remove());

  it('is told apart, setting by setting', async () => {
    const problems = redisProblems(await redisSettings(redis.url, 2_000));
    expect(problems.join('\n')).toMatch(/maxmemory-policy is allkeys-lru.*noeviction[^]*appendonly is no.*yes/);
  });

  it('stops a production start, which names the settings', async () => {
    const key = () => randomBytes(32).toString('base64');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const production = {
      NODE_ENV: 'production',
      DATABASE_URL: 'postgres://unused',
      PUBLIC_URL: 'https://rx.example.com',
      DATA_KEYS: `k1:${key()}`,
      BLIND_INDEX_KEY: key(),
      JWT_PRIVATE_KEYS: Buffer.from(pem).toString('base64'),
      METRICS_TOKEN: key(),
      EFFECT_HOLD_MS: '45000',
      REDIS_URL: redis.url,
    };
    await expect(startTestApp({ sandbox: false, env: production })).rejects.toThrow(/maxmemory-policy[^]*appendonly/);
  });

  it('is no reason not to start outside production', async () => {
    const app = await startTestApp({ sandbox: false, env: { REDIS_URL: redis.url } });
    await until(async () => (await fetch(`${app.url}/api/health/ready`)).status === 200);
    await app.stop();
  });
});
