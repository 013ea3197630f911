import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Queue, Worker, createPostgresBackend, withBackend } from 'bullmq';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { loadConfig } from '../config/index.js';
import { resolveKeys } from '../src/platform/crypto/development-keys.js';
import { Database, systemContext } from '../src/platform/db/index.js';
import { defineJob, Handles } from '../src/platform/jobs/index.js';
import { Lifecycle } from '../src/platform/lifecycle.js';
import { Outbox } from '../src/platform/outbox/index.js';
import { PlatformModule } from '../src/platform/platform.module.js';
import type { HandoverTimes } from './core-handover.js';

/** Hands work over one at a time, with a pause in between: nothing is awake when it comes. Prints HandoverTimes. */
const rounds = 5;
const perRound = 40;
const pauseMs = 20;

const job = defineJob<{ number: number }>({ name: 'bench.handover', queue: 'steps', retry: 'step' });
let started: (at: number) => void = () => undefined;

@Injectable()
class Handover {
  @Handles(job)
  async start(): Promise<void> {
    started(performance.now());
  }
}

const config = loadConfig({ ...process.env, ROLES: 'worker', LOG_LEVEL: 'silent' });
const databaseUrl = config.DATABASE_URL ?? '';
const queueUrl = config.QUEUE_DATABASE_URL ?? '';

@Module({
  imports: [PlatformModule.forRoot({ config, databaseUrl, queueUrl, keys: resolveKeys(config) })],
  providers: [Handover],
})
class Bench {}

const context = await NestFactory.createApplicationContext(Bench, { logger: false });
await context.get(DataSource).initialize();
await context.get(Lifecycle).start(() => undefined);
const [db, outbox] = [context.get(Database), context.get(Outbox)];
const bare = bareQueue();

/** Measured from the commit on: `tx` answers right after it. */
async function ours(number: number): Promise<number> {
  const begun = new Promise<number>((resolve) => (started = resolve));
  let committed = 0;
  await db.tx(systemContext, async (tx) => {
    await outbox.enqueue(tx, job, { number });
    tx.onCommit(() => (committed = performance.now()));
  });
  return (await begun) - committed;
}

async function theirs(number: number): Promise<number> {
  const begun = new Promise<number>((resolve) => (started = resolve));
  const added = performance.now();
  await bare.queue.add('bench', { number });
  return (await begun) - added;
}

const times: HandoverTimes = { ours: [], bare: [] };
for (let round = 0; round <= rounds; round += 1) {
  const [left, right] = [await several(theirs), await several(ours)];
  if (round === 0) continue; // the first one warms both up
  times.bare.push(left);
  times.ours.push(right);
}
process.stdout.write(`${JSON.stringify(times)}\n`);
process.once('SIGTERM', () => process.exit(0));
setInterval(() => undefined, 1_000);

async function several(handOver: (number: number) => Promise<number>): Promise<number[]> {
  const measured: number[] = [];
  for (let number = 0; number < perRound; number += 1) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    measured.push(await handOver(number));
  }
  return measured;
}

function bareQueue() {
  const pool = new pg.Pool({ connectionString: queueUrl, max: 10, options: '-c search_path=bullmq' });
  const classes = withBackend(createPostgresBackend);
  // pg.Pool satisfies BullMQ's own description of it but for optional members written differently.
  const connection = pool as unknown as ConstructorParameters<typeof classes.Queue>[1]['connection'];
  const worker = new classes.Worker('bench', async () => started(performance.now()), {
    connection,
  }) as unknown as Worker;
  const queue = new classes.Queue('bench', { connection }) as unknown as Queue;
  return { queue, worker };
}
