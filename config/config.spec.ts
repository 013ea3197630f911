import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { ConfigError, loadConfig, rotatingSecrets } from './index.js';

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('settings', () => {
  it('have defaults that start everything in one process', () => {
    expect(loadConfig({})).toMatchObject({
      PORT: 3000,
      ROLES: ['api', 'worker', 'scheduler'],
      NODE_ENV: 'development',
    });
  });

  it('are all complained about in one message, by name and never by value', () => {
    const problems = problemsOf({ PORT: 'eighty', ROLES: 'api,cook', PUBLIC_URL: 'secret-value' });
    expect(problems).toHaveLength(3);
    expect(problems.join()).toMatch(/ROLES.*PORT.*PUBLIC_URL/s);
    expect(problems.join()).not.toContain('secret-value');
  });

  it('name queues that exist, and complain of others with all the rest', () => {
    expect(loadConfig({ QUEUES: 'steps, email,steps' }).QUEUES).toEqual(['steps', 'email']);
    expect(loadConfig({}).QUEUES).toBeUndefined();
    const problems = problemsOf({ PORT: 'eighty', QUEUES: 'steps,kitchen,cellar' });
    expect(problems).toHaveLength(2);
    expect(problems.join()).toMatch(/PORT.*QUEUES: .*"steps".*"maintenance"/s);
    expect(problems.join()).not.toContain('kitchen');
  });

  it('refuse a vendor whose webhooks could not be verified', () => {
    expect(problemsOf({ STRIPE_SECRET_KEY: 'sk_test_x' }).join()).toContain('STRIPE_WEBHOOK_SECRET');
  });

  it('refuse an address of the wrong kind, and a list of secrets without one', () => {
    const wrong = {
      DATABASE_URL: 'mysql://db/x',
      QUEUE_DATABASE_URL: 'http://db/x',
      REDIS_URL: 'http://redis:6379',
      SMTP_URL: 'https://mail.example',
      PUBLIC_URL: 'https://clinic.example/rx',
      STRIPE_WEBHOOK_SECRET: ' , ',
    };
    expect(problemsOf(wrong).map((problem) => problem.split(':')[0])).toEqual(
      expect.arrayContaining(Object.keys(wrong)),
    );
    const right = {
      DATABASE_URL: 'postgresql://app@db/x',
      REDIS_URL: 'rediss://redis:6379',
      SMTP_URL: 'smtps://mail.example',
      STRIPE_WEBHOOK_SECRET: 'new,old',
    };
    expect(problemsOf(right)).toEqual([]);
  });

  it('take any one method a pharmacy proves itself by, and refuse to start without one', () => {
    const url = { LIFEFILE_API_URL: 'https://lifefile.example' };
    expect(problemsOf(url).join()).toMatch(/LIFEFILE_WEBHOOK_SECRET.*LIFEFILE_WEBHOOK_ADDRESSES/);
    for (const method of [
      { LIFEFILE_WEBHOOK_SECRET: 's' },
      { LIFEFILE_WEBHOOK_BASIC: 'user:password,user:older' },
      { LIFEFILE_WEBHOOK_BEARER: 't' },
      { LIFEFILE_WEBHOOK_TOKEN: 't' },
      { LIFEFILE_WEBHOOK_ADDRESSES: '198.51.100.7, 192.0.2.0/24, 2001:db8::/32' },
    ]) {
      expect(problemsOf({ ...url, ...method })).toEqual([]);
    }
    expect(problemsOf({ LIFEFILE_WEBHOOK_ADDRESSES: '198.51.100.0/33' })).toHaveLength(1);
    expect(problemsOf({ LIFEFILE_WEBHOOK_BASIC: 'no-colon' })).toHaveLength(1);
  });

  it('refuse a short secret in production, also the one being rotated out', () => {
    const short = { NODE_ENV: 'production', LIFEFILE_WEBHOOK_SECRET: `${'x'.repeat(32)},short` };
    expect(problemsOf(short).join()).toContain('LIFEFILE_WEBHOOK_SECRET: shorter than 16');
  });

  it('measure of a user and a password the password alone', () => {
    const basic = (value: string) => problemsOf({ NODE_ENV: 'production', LIFEFILE_WEBHOOK_BASIC: value }).join();
    const short = 'LIFEFILE_WEBHOOK_BASIC: shorter than 16';
    const long = `pharmonico-lifefile:${'x:'.repeat(8)}`;
    expect(basic('pharmonico-lifefile:x')).toContain(short);
    expect(basic(`${long},pharmonico-lifefile:x`)).toContain(short);
    expect(basic(long)).not.toContain('LIFEFILE_WEBHOOK_BASIC');
  });

  it('refuse data keys in production that are no keys, or do for two things', () => {
    const zeros = Buffer.alloc(32).toString('base64');
    const [one, other] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
    const keys = (dataKeys: string, indexKey = other, env = 'production') =>
      problemsOf({ NODE_ENV: env, DATA_KEYS: dataKeys, BLIND_INDEX_KEY: indexKey })
        .filter((problem) => /^(?:DATA_KEYS|BLIND_INDEX_KEY):/.test(problem))
        .map((problem) => problem.split(':')[0]);
    expect(keys(`k1:${one}`)).toEqual([]);
    expect(keys(`k1:${one},k2:${zeros}`)).toEqual(['DATA_KEYS']);
    expect(keys(`k1:${one}`, zeros)).toEqual(['BLIND_INDEX_KEY']);
    expect(keys(`k1:${one},k2:${other}`)).toEqual(['BLIND_INDEX_KEY']);
    expect(keys(`k1:${zeros}`, zeros, 'test')).toEqual([]);
  });

  it('refuse keys that cannot sign, each by its place, with all the rest', () => {
    const rsa = (modulusLength: number) => pemOf(generateKeyPairSync('rsa', { modulusLength }).privateKey);
    const [right, weak] = [rsa(2048), rsa(1024)];
    const other = pemOf(generateKeyPairSync('ed25519').privateKey);
    const base64 = (pem: string) => Buffer.from(pem).toString('base64');
    const keys = [right, weak, other, 'nonsense'].map(base64).join(',');
    const problems = problemsOf({ PORT: 'eighty', JWT_PRIVATE_KEYS: keys });
    expect(problems).toHaveLength(2);
    expect(problems[1]).toMatch(/^JWT_PRIVATE_KEYS: key 2 is not .* 2048 bits.*; key 3 .*; key 4 /);
    expect(loadConfig({ JWT_PRIVATE_KEYS: `${base64(right)}, ${base64(right)}` }).JWT_PRIVATE_KEYS).toEqual([
      right,
      right,
    ]);
  });

  it('refuse a short token of the metrics, also the one being rotated out', () => {
    expect(problemsOf({ METRICS_TOKEN: `${'x'.repeat(16)}, ${'y'.repeat(16)}` })).toEqual([]);
    expect(problemsOf({ METRICS_TOKEN: `${'x'.repeat(16)},short` })).toHaveLength(1);
  });

  it('refuse a production start without keys and database', () => {
    const problems = problemsOf({ NODE_ENV: 'production' }).join();
    for (const name of [
      'DATABASE_URL',
      'DATA_KEYS',
      'BLIND_INDEX_KEY',
      'JWT_PRIVATE_KEYS',
      'PUBLIC_URL',
      'METRICS_TOKEN',
    ]) {
      expect(problems).toContain(name);
    }
  });

  it('refuse a production start at which integrators could reach private addresses', () => {
    const env = { WEBHOOKS_ALLOW_PRIVATE: 'true' };
    expect(problemsOf({ ...env, NODE_ENV: 'production' }).join()).toContain('WEBHOOKS_ALLOW_PRIVATE');
    expect(problemsOf(env)).toEqual([]);
  });

  it('take an empty variable as absent', () => {
    expect(loadConfig({ DATABASE_URL: '' }).DATABASE_URL).toBeUndefined();
  });

  it('read who sends CarePortals webhooks, and complain without showing a secret', () => {
    const { CAREPORTALS_SOURCES: sources } = loadConfig({
      CAREPORTALS_SOURCES: 'glow:Glow Health=new-secret, old-secret; bloom:019a=third-secret',
    });
    expect(sources).toEqual([
      { code: 'glow', organization: 'Glow Health', secrets: ['new-secret', 'old-secret'] },
      { code: 'bloom', organization: '019a', secrets: ['third-secret'] },
    ]);
    expect(loadConfig({}).CAREPORTALS_SOURCES).toBeUndefined();
    for (const wrong of ['glow=hidden', 'a:b=hidden;c:d=hidden', 'a:b=hidden;a:c=hidden2', 'a:b=,']) {
      const problems = problemsOf({ CAREPORTALS_SOURCES: wrong });
      expect(problems).toHaveLength(1);
      expect(problems.join()).toMatch(/^CAREPORTALS_SOURCES: /);
      expect(problems.join()).not.toContain('hidden');
    }
    expect(problemsOf({ NODE_ENV: 'production', CAREPORTALS_SOURCES: 'a:b=short' }).join()).toContain(
      'CAREPORTALS_SOURCES: a secret is shorter',
    );
  });

  it('keep two secrets while one is being rotated', () => {
    expect(rotatingSecrets('new, old')).toEqual(['new', 'old']);
  });
});
