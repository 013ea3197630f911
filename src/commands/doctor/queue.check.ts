import type { Config } from '../../../config/index.js';
import { boundlessPowers, factsSql, queuePowersAdvice, type DatabaseFacts } from '../../platform/db/role-powers.js';
import { withClient } from '../../platform/db/roles.js';
import { createQueueBackend } from '../../platform/jobs/index.js';
import { redisSettings, wantedRedisSettings, type RedisSettings } from '../../platform/jobs/redis-settings.js';
import type { Finding } from './finding.js';

const area = 'queue';
const timeoutMs = 5_000;

export async function checkQueue(config: Config, queueUrl: string | undefined): Promise<Finding[]> {
  const redis = config.REDIS_URL === undefined ? undefined : await redisSettings(config.REDIS_URL, timeoutMs);
  const backend = createQueueBackend(config, queueUrl, () => undefined);
  try {
    await backend.ping();
    const answering: Finding = { area, level: 'ok', found: `BullMQ on ${backend.kind} answers` };
    if (redis !== undefined) return [answering, ...redisFindings(redis)];
    return [answering, ...(queueUrl === undefined ? [] : await roleFindings(queueUrl))];
  } finally {
    await backend.close();
  }
}

async function roleFindings(queueUrl: string): Promise<Finding[]> {
  const { rows } = await withClient(queueUrl, (client) => client.query<DatabaseFacts>(factsSql));
  return rows.flatMap(boundlessPowers).map((found) => ({ area, level: 'broken', found, next: queuePowersAdvice }));
}

export function redisFindings(settings: RedisSettings): Finding[] {
  return wantedRedisSettings.map(({ setting, name, value, why }) => {
    const is = settings[setting];
    if (is === value) return { area: 'redis', level: 'ok', found: `${name} ${value}` };
    if (is === undefined) {
      return { area: 'redis', level: 'note', found: `${name} is not told`, next: `See that it is ${value}: ${why}.` };
    }
    return { area: 'redis', level: 'warn', found: `${name} is ${is}`, next: `CONFIG SET ${name} ${value}: ${why}.` };
  });
}
