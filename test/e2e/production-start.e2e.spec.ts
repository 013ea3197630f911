import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/ports.js';

const entry = path.join(process.cwd(), 'dist', 'src', 'main.js');

/** Writes down the address of every module that is loaded. */
const recorder = (file: string): string => {
  const hooks = `import { appendFileSync } from 'node:fs';
    export async function load(url, context, next) { appendFileSync(${JSON.stringify(file)}, url + '\\n'); return next(url, context); }`;
  const module = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  return module(`import { register } from 'node:module'; register(${JSON.stringify(module(hooks))});`);
};

interface Ended {
  status: number | null;
  said: string;
}

/** A production process with these settings and no others. */
function startProduction(
  settings: Record<string, string>,
  importing?: string,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [...(importing === undefined ? [] : ['--import', importing]), entry], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { child, ended: new Promise((resolve) => child.once('exit', (status) => resolve({ status, said }))) };
}

function secrets(): Record<string, string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    BLIND_INDEX_KEY: randomBytes(32).toString('base64'),
    JWT_PRIVATE_KEYS: Buffer.from(pem).toString('base64'),
    METRICS_TOKEN: randomBytes(16).toString('hex'),
  };
}

describe('a production start', () => {
  let database: TestDatabase;
  let folder: string;

  beforeAll(async () => {
    if (!existsSync(entry)) throw new Error('dist is missing; run: npm run build');
    database = await createTestDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-production-'));
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('serves without loading a line of sandbox or demo, and ends with 0 when told to', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const loaded = path.join(folder, 'loaded');
    const { child, ended } = startProduction(
      {
        ...secrets(),
        DATABASE_URL: database.databaseUrl,
        QUEUE_DATABASE_URL: database.queueUrl,
        DATA_DIR: folder,
        PUBLIC_URL: url,
        PORT: String(port),
      },
      recorder(loaded),
    );
    const gone = ended.then(({ said }) => Promise.reject(new Error(`it ended: ${said}`)));
    await Promise.race([answers(`${url}/api/health/live`), gone]);
    expect((await fetch(`${url}/docs`, { redirect: 'manual' })).status).not.toBe(200);
    child.kill('SIGTERM');
    gone.catch(() => undefined);
    expect((await ended).status).toBe(0);

    const modules = (await readFile(loaded, 'utf8')).split('\n');
    expect(modules.some((module) => module.endsWith('/dist/src/app.module.js'))).toBe(true);
    expect(modules.filter((module) => /\/dist\/src\/(?:sandbox|demo)\//.test(module))).toEqual([]);
  });

  const refusal = async (urls: { DATABASE_URL?: string; QUEUE_DATABASE_URL?: string }): Promise<string> => {
    const { status, said } = await startProduction({
      ...secrets(),
      DATABASE_URL: database.databaseUrl,
      QUEUE_DATABASE_URL: database.queueUrl,
      ...urls,
      DATA_DIR: folder,
      PUBLIC_URL: 'http://127.0.0.1:1',
      PORT: '0',
    }).ended;
    expect(status).toBe(1);
    return said;
  };

  it.each([
    ['a superuser', 'superuserUrl', /is a superuser/],
    ['the owner of the tables', 'ownerUrl', /owns \d+ table/],
  ] as const)('refuses to work as %s, whom row-level security does not bind', async (_, url, reason) => {
    const said = await refusal({ DATABASE_URL: database[url] });
    expect(said).toMatch(reason);
    expect(said).toContain('Let DATABASE_URL name');
  });

  it('refuses to keep its queues as a superuser as well', async () => {
    const said = await refusal({ QUEUE_DATABASE_URL: database.superuserUrl });
    expect(said).toMatch(/is a superuser/);
    expect(said).toContain('Let QUEUE_DATABASE_URL name');
  });

  it('refuses to start on missing settings, names them all at once and shows no value', async () => {
    const { status, said } = await startProduction({ STRIPE_SECRET_KEY: 'sk_live_do_not_show', PORT: 'ninety' }).ended;
    expect(status).toBe(1);
    for (const name of [
      'PORT',
      'DATABASE_URL',
      'QUEUE_DATABASE_URL',
      'PUBLIC_URL',
      'DATA_KEYS',
      'BLIND_INDEX_KEY',
      'JWT_PRIVATE_KEYS',
      'METRICS_TOKEN',
      'STRIPE_WEBHOOK_SECRET',
    ]) {
      expect(said).toContain(name);
    }
    expect(said).not.toContain('do_not_show');
    expect(said).not.toContain('ninety');
  });
});

async function answers(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
