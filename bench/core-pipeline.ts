import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSandboxProcess } from '../src/demo/sandbox-process.js';
import { newSandboxSecrets } from '../src/demo/sandbox-settings.js';
import { instantSettings } from './instant-gateways.js';
import { median } from './load.js';
import { PipelineReference } from './pipeline-reference.js';
import type { RoundAnswer, RoundOrder } from './pipeline-process.js';
import { atLeast, beside, type Result } from './results.js';
import { asStarted, freePort, type Stage } from './stage.js';
import { countedWrites, writesOf, type TableWrites } from './written-rows.js';

type Log = (line: string) => void;

const rounds = 5;
const prescriptions = 1_000;
const warmUp = 100;
/** Through HTTP vendors a round is shorter: the figure stands beside the goal, it has none of its own. */
const throughSandbox = 200;
const sandboxSpeed = 1e9;

interface Backend {
  id: string;
  what: string;
  goal: number;
  env: Record<string, string>;
}

const inPostgres: Backend = {
  id: 'core.pipeline.postgres',
  what: 'prescriptions from intake to completed, BullMQ on PostgreSQL, against the same rows by plain transactions',
  goal: 0.2,
  env: {},
};

/** (b) A thousand prescriptions through all their transitions by the real workers, against their rows alone. */
export async function pipeline(stage: Stage, log: Log): Promise<Result[]> {
  const [first, writes] = await measured(stage, inPostgres, log);
  const redis = await startRedis();
  const results = [first];
  if (redis === undefined) log('  core.pipeline.redis is left out: there is no redis-server on the PATH');
  else {
    const inRedis = { ...inPostgres, id: 'core.pipeline.redis', goal: 0.5, env: { REDIS_URL: redis.url } };
    const what = inPostgres.what.replace('on PostgreSQL', 'on Redis');
    try {
      results.push((await measured(stage, { ...inRedis, what }, log, writes))[0]);
    } finally {
      await redis.stop();
    }
  }
  return [...results, await overHttp(stage, first, log)];
}

async function measured(
  stage: Stage,
  { id, what, goal, env }: Backend,
  log: Log,
  known?: TableWrites[],
): Promise<[Result, TableWrites[]]> {
  const product = await Product.start(stage, { ...instantSettings, ...env });
  try {
    await stage.sql.query('SELECT pg_stat_reset()');
    await product.round(warmUp);
    const writes = known ?? (await writesOfWarmUp(stage));
    const reference = await PipelineReference.open(stage.urls.databaseUrl, writes, await transitionsOf(stage));
    log(`  ${shown(writes)}`);
    const ours: number[] = [];
    const bare: number[] = [];
    try {
      await reference.round(warmUp);
      for (let round = 1; round <= rounds; round += 1) {
        await nextDay(stage);
        const left = prescriptions / (await reference.round(prescriptions));
        await nextDay(stage);
        const right = prescriptions / (await product.round(prescriptions));
        log(`  round ${round}: plain transactions ${left.toFixed(1)}/s, ${id} ${right.toFixed(1)}/s`);
        bare.push(left);
        ours.push(right);
      }
    } finally {
      await reference.close();
    }
    const result = { id, what, figure: median(ours), unit: 'prescriptions/s', reference: median(bare) };
    return [atLeast(goal, result), writes];
  } finally {
    await product.stop();
  }
}

async function writesOfWarmUp(stage: Stage): Promise<TableWrites[]> {
  const counted = await countedWrites(stage.sql);
  const { rows } = await stage.sql.query<{ id: string }>(
    `SELECT id FROM prescriptions WHERE state = 'completed' ORDER BY received_at LIMIT 1`,
  );
  return await writesOf(stage.sql, rows[0]?.id ?? '', counted, warmUp);
}

/**
 * A round is a day: routing counts what each pharmacy was sent today, and a thousand orders are a large day, those of all rounds
 * none there is. Statistics are as fresh as autovacuum keeps them in a database that has run for longer.
 */
async function nextDay({ sql }: Stage): Promise<void> {
  await sql.query(`UPDATE recommendations SET selected_at = selected_at - interval '2 days'
    WHERE selected_at > now() - interval '1 day'`);
  await sql.query('VACUUM ANALYZE');
}

async function transitionsOf(stage: Stage): Promise<number> {
  const { rows } = await stage.sql.query<{ moves: number }>(
    `SELECT round(avg(version))::int AS moves FROM prescriptions WHERE state = 'completed'`,
  );
  return rows[0]?.moves ?? 1;
}

function shown(writes: readonly TableWrites[]): string {
  const inserts = writes.reduce((sum, { rows }) => sum + rows.length, 0);
  const updates = writes.reduce((sum, table) => sum + table.updates, 0);
  return `one prescription writes ${inserts} rows into ${writes.length} tables and updates ${updates}`;
}

async function overHttp(stage: Stage, first: Result, log: Log): Promise<Result> {
  const port = await freePort();
  const sandbox = await startSandboxProcess({
    appUrl: `http://127.0.0.1:${port}`,
    speed: sandboxSpeed,
    dataDir: path.join(stage.folder, 'sandbox'),
    secrets: newSandboxSecrets(),
    brand: 'Pharmonico',
  });
  try {
    const product = await Product.start(stage, { ...sandbox.settings, PORT: String(port) });
    const figures: number[] = [];
    try {
      for (let round = 0; round <= rounds; round += 1) {
        const perSecond = throughSandbox / (await product.round(throughSandbox));
        log(`  round ${round}: through the sandbox ${perSecond.toFixed(1)}/s`);
        if (round > 0) figures.push(perSecond);
      }
    } finally {
      await product.stop();
    }
    return beside({
      id: 'core.pipeline.sandbox',
      what: 'the same with every vendor call and webhook over HTTP through the sandbox',
      figure: median(figures),
      unit: 'prescriptions/s',
      reference: first.reference,
    });
  } finally {
    await sandbox.stop();
  }
}

/** The product with its workers in a process of its own. */
class Product {
  /** Every round has patients of its own, in every process on this database. */
  private static seed = 0;

  private constructor(private readonly child: ChildProcess) {}

  static async start(stage: Stage, env: Record<string, string>): Promise<Product> {
    const child = fork(fileURLToPath(new URL('./pipeline-process.js', import.meta.url)), [], {
      execArgv: asStarted,
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        DATA_DIR: stage.folder,
        DATABASE_URL: stage.urls.databaseUrl,
        QUEUE_DATABASE_URL: stage.urls.queueUrl,
        ...env,
      },
    });
    const product = new Product(child);
    await product.answer();
    return product;
  }

  /** @returns seconds */
  async round(count: number): Promise<number> {
    Product.seed += 1;
    this.child.send({ count, seed: Product.seed } satisfies RoundOrder);
    return ((await this.answer()) as RoundAnswer).seconds;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await gone;
  }

  private answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('the product ended in the middle of a round'));
      this.child.once('exit', ended);
      this.child.once('message', (answer) => {
        this.child.off('exit', ended);
        resolve(answer);
      });
    });
  }
}

/** A server of its own on a free port, as durable as a queue has to be. Undefined where Redis is not installed. */
async function startRedis(): Promise<{ url: string; stop(): Promise<void> } | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-bench-redis-'));
  const port = await freePort();
  const server = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
    ],
    { stdio: 'ignore' },
  );
  const gone = new Promise<false>((resolve) => {
    server.once('exit', () => resolve(false));
    server.once('error', () => resolve(false));
  });
  if (!(await Promise.race([listens(port), gone]))) {
    await rm(folder, { recursive: true, force: true });
    return undefined;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      server.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listens(port: number): Promise<true> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ port, host: '127.0.0.1' });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
