import { Redis } from 'ioredis';

/** What Redis is configured to do with our jobs; undefined where a managed server does not tell. */
export interface RedisSettings {
  maxmemoryPolicy: string | undefined;
  appendonly: string | undefined;
}

/** The outbox survives a wiped Redis; these settings keep that from being the normal case. */
export const wantedRedisSettings: readonly {
  setting: keyof RedisSettings;
  name: string;
  value: string;
  why: string;
}[] = [
  {
    setting: 'maxmemoryPolicy',
    name: 'maxmemory-policy',
    value: 'noeviction',
    why: 'otherwise a full Redis drops jobs silently',
  },
  { setting: 'appendonly', name: 'appendonly', value: 'yes', why: 'otherwise a restart forgets the queue' },
];

/** What is set otherwise than wanted; what the server does not tell is no problem. */
export function redisProblems(settings: RedisSettings): string[] {
  return wantedRedisSettings.flatMap(({ setting, name, value, why }) => {
    const is = settings[setting];
    return is === undefined || is === value ? [] : [`${name} is ${is} and must be ${value}: ${why}`];
  });
}

/** Asks once and leaves; no retries, because a person is waiting for the answer. */
export async function redisSettings(url: string, timeoutMs: number): Promise<RedisSettings> {
  const client = new Redis(url, { lazyConnect: true, connectTimeout: timeoutMs, retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return {
      maxmemoryPolicy: await setting(client, 'maxmemory-policy'),
      appendonly: await setting(client, 'appendonly'),
    };
  } finally {
    client.disconnect();
  }
}

async function setting(client: Redis, name: string): Promise<string | undefined> {
  try {
    const answer = await client.config('GET', name);
    const value = Array.isArray(answer) ? (answer as unknown[])[1] : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined; // CONFIG is often forbidden on managed servers
  }
}
