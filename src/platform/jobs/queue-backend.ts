import {
  createPostgresBackend,
  Queue,
  runMigrations,
  withBackend,
  Worker,
  type Job,
  type KeepJobs,
  type RedisOptions,
} from 'bullmq';
import pg from 'pg';
import type { Config } from '../../../config/index.js';
import { withClient } from '../db/roles.js';
import { queueNames, queues, type QueueName } from './queues.js';

/** What lies in the queue of an outbox row: enough to find it, and ids. */
export interface QueuedRow {
  id: string;
  subscriber: string;
  dispatchNo: number;
  /** Runs begun before. */
  attempts: number;
  event?: string;
  payload: Readonly<Record<string, string | number | undefined>>;
}

/** A job of a queue: rows that were handed out together, since adding and taking a job costs more than most rows do. */
export interface QueuedJob {
  rows: readonly QueuedRow[];
}

type Process = (rows: readonly QueuedRow[]) => Promise<void>;

/** BullMQ on Redis or on PostgreSQL, chosen by configuration; the rest of the code cannot tell. */
export interface QueueBackend {
  readonly kind: 'postgres' | 'redis';
  /** For looking only. */
  queue(name: QueueName): Queue<QueuedJob>;
  /** Rows of one queue that fell due together. @see OutboxRelay, its only caller */
  add(name: QueueName, rows: readonly QueuedRow[]): Promise<void>;
  worker(name: QueueName, concurrency: number, process: Process): void;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Finished jobs are kept briefly for Bull Board, for so many seconds; history is in the tables of the product. */
const keptFor = { done: 600, failed: 86_400 };
const jobOptions = (done: KeepJobs | true, failed: KeepJobs) => ({
  removeOnComplete: done,
  removeOnFail: failed,
  attempts: 1,
});
const ofRedis = jobOptions({ age: keptFor.done, count: 200 }, { age: keptFor.failed, count: 500 });
/** In PostgreSQL the done ones go at once: to find those past an age or a count, BullMQ reads them all at the end of each job. */
const ofPostgres = jobOptions(true, { age: keptFor.failed });

interface JobToAdd {
  name: string;
  data: QueuedJob;
  opts: { jobId: string };
}

/**
 * A row handed out anew is in a new job: the older one, should it still lie there, is no longer valid. One that was begun before
 * travels alone: it may be what ended its process.
 */
function jobsOf(queue: QueueName, rows: readonly QueuedRow[]): JobToAdd[] {
  const fresh = rows.filter(({ attempts }) => attempts === 0);
  const begun = rows.filter(({ attempts }) => attempts > 0);
  return [...chunk(fresh, queues[queue].rowsPerJob), ...chunk(begun, 1)].flatMap(([first, ...others]) =>
    first === undefined ? [] : [jobOf(first, others)],
  );
}

function jobOf(first: QueuedRow, others: readonly QueuedRow[]): JobToAdd {
  const rows = [first, ...others];
  const name = [...new Set(rows.map(({ subscriber }) => subscriber))].join(', ');
  return { name, data: { rows }, opts: { jobId: `${first.id}_${first.dispatchNo}` } };
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

const workerOptions = {
  // The default of 1 fails a job for good after two worker crashes, whatever `attempts` says.
  maxStalledCount: 10,
  // The default of 15 s would leave the queues unread long after their server is back.
  runRetryDelay: 500,
  autorun: false,
};

/** How soon a worker that found no server when it was opened is opened again. */
const reopenMs = 500;

/** How long a worker may hold a job without a sign of life before it is handed to another. */
const lockMs = 30_000;

const redisRetry = (attempt: number) => Math.min(200 * attempt, 2_000);

/** BullMQ waits for ever for a Redis that has never answered; the relay has other rows, and must end when it is told to. */
const firstAnswerMs = 2_000;

async function answered(ready: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error('Redis has not answered yet'), { code: 'ETIMEDOUT' });
    timer = setTimeout(() => reject(error), firstAnswerMs);
  });
  await Promise.race([ready, late]).finally(() => clearTimeout(timer));
}

type OnError = (part: string, error: Error) => void;

export function createQueueBackend(
  config: Config,
  queueDatabaseUrl: string | undefined,
  onError: OnError,
): QueueBackend {
  if (config.REDIS_URL !== undefined) return redisBackend(config.REDIS_URL, config.QUEUE_PREFIX, onError);
  if (queueDatabaseUrl === undefined) throw new Error('QUEUE_DATABASE_URL or REDIS_URL is needed for the queues');
  return postgresBackend(queueDatabaseUrl, onError);
}

function postgresBackend(connectionString: string, onError: OnError): QueueBackend {
  const pool = new pg.Pool({
    connectionString,
    max: queueNames.length * 2 + 8, // one LISTEN client per worker, the rest for short queries
    keepAlive: true,
    // What a crash of the server takes from the queue the outbox hands out again: no commit has to wait for the disk.
    options: '-c search_path=bullmq -c synchronous_commit=off',
    application_name: 'pharmonico-queue',
  });
  pool.setMaxListeners(0);
  pool.on('error', (error) => onError('queue pool', error));
  // BullMQ checks clients out without listening to them: one that loses its server would end the process.
  pool.on('connect', (client) => client.on('error', (error) => onError('queue connection', error)));
  const classes = withBackend(createPostgresBackend);
  // pg.Pool satisfies BullMQ's own description of it but for optional members written differently.
  const connection = pool as unknown as ConstructorParameters<typeof classes.Queue>[1]['connection'];
  const handles = new Handles(onError);
  const queue = (name: QueueName) =>
    handles.queue(
      name,
      () =>
        new classes.Queue<QueuedJob>(name, {
          connection,
          defaultJobOptions: ofPostgres,
        }) as unknown as Queue<QueuedJob>,
    );
  return {
    kind: 'postgres',
    queue,
    // `addBulk` makes and drops temporary tables: below some forty jobs, one by one costs half of it.
    add: async (name, rows) => {
      await Promise.all(jobsOf(name, rows).map((job) => queue(name).add(job.name, job.data, job.opts)));
    },
    worker: (name, concurrency, process) =>
      handles.worker(
        name,
        () =>
          new classes.Worker<QueuedJob>(name, (job: Job<QueuedJob>) => process(job.data.rows), {
            connection,
            concurrency,
            lockDuration: lockMs,
            ...workerOptions,
          }) as unknown as Worker<QueuedJob>,
      ),
    ping: async () => {
      await pool.query('SELECT 1');
    },
    close: async () => {
      await handles.close();
      await pool.end();
    },
  };
}

function redisBackend(url: string, prefix: string, onError: OnError): QueueBackend {
  const worker: RedisOptions = { maxRetriesPerRequest: null, retryStrategy: redisRetry, socketTimeout: 30_000 };
  // The relay must notice at once that Redis is away: the outbox keeps the work.
  const relay: RedisOptions = { maxRetriesPerRequest: 1, enableOfflineQueue: false, retryStrategy: redisRetry };
  const connection = (options: RedisOptions) => ({ url, ...options });
  const handles = new Handles(onError);
  const queue = (name: QueueName) =>
    handles.queue(
      name,
      () => new Queue<QueuedJob>(name, { connection: connection(relay), prefix, defaultJobOptions: ofRedis }),
    );
  return {
    kind: 'redis',
    queue,
    add: async (name, rows) => {
      const open = queue(name);
      await answered(open.waitUntilReady());
      await open.addBulk(jobsOf(name, rows));
    },
    worker: (name, concurrency, process) =>
      handles.worker(
        name,
        () =>
          new Worker<QueuedJob>(name, (job) => process(job.data.rows), {
            connection: connection(worker),
            prefix,
            concurrency,
            lockDuration: lockMs,
            ...workerOptions,
          }),
      ),
    ping: async () => {
      await queue('steps').getJobCounts('waiting');
    },
    close: () => handles.close(),
  };
}

/**
 * Opens queues lazily, keeps what must be closed, and hears every error. A BullMQ handle whose first look at its server
 * fails remembers that for ever; such a handle is thrown away and opened anew.
 */
class Handles {
  private readonly queues = new Map<QueueName, Queue<QueuedJob>>();
  private readonly workers = new Set<Worker<QueuedJob>>();
  private closed = false;

  constructor(private readonly onError: OnError) {}

  queue(name: QueueName, open: () => Queue<QueuedJob>): Queue<QueuedJob> {
    const known = this.queues.get(name);
    if (known !== undefined) return known;
    const queue = open();
    queue.on('error', (error) => this.onError(`queue ${name}`, error));
    this.queues.set(name, queue);
    queue.waitUntilReady().catch(() => {
      if (this.queues.get(name) === queue) this.queues.delete(name);
      void queue.close().catch(() => undefined);
    });
    return queue;
  }

  worker(name: QueueName, open: () => Worker<QueuedJob>): void {
    const onError = (error: Error) => this.onError(`worker ${name}`, error);
    const openOnce = async (): Promise<void> => {
      if (this.closed) return;
      const worker = open();
      worker.on('error', onError);
      this.workers.add(worker);
      try {
        await worker.waitUntilReady();
      } catch (error) {
        onError(error as Error);
        this.workers.delete(worker);
        await worker.close().catch(() => undefined);
        setTimeout(() => void openOnce(), reopenMs).unref();
        return;
      }
      await worker.run().catch(onError);
    };
    void openOnce();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.workers].map((worker) => worker.close()));
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }
}

/** Creates or upgrades BullMQ's own tables in schema `bullmq`; part of `npm run migrate`. */
export async function migrateQueueSchema(queueDatabaseUrl: string): Promise<void> {
  await withClient(queueDatabaseUrl, (client) => runMigrations(client, 'bullmq'), {
    options: '-c search_path=bullmq',
  });
}
