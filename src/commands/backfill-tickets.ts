import '../utc.js';
import 'reflect-metadata';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { loadConfig } from '../../config/index.js';
import {
  countsTable,
  openUnlinkedFile,
  TicketBackfill,
  type BackfillResult,
  type Progress,
} from '../modules/tickets/backfill/index.js';
import { SystemClock } from '../platform/clock/index.js';
import { dataSourceOptions } from '../platform/db/data-source.js';
import { Database } from '../platform/db/index.js';
import { locateDatabase } from '../platform/db/locate.js';

const usage = 'npm run backfill:tickets -- [--apply] [--batch 1000] [--organization <id>] [--report <file>]';

const optionsSchema = z.object({
  apply: z.boolean(),
  /** Beyond that the locks of a transaction are held too long. */
  batch: z.coerce.number().int().min(1).max(10_000),
  organization: z.guid().optional(),
  report: z.string().min(1).optional(),
});
type Options = z.infer<typeof optionsSchema>;

/**
 * `npm run backfill:tickets`: links the threads of the older system to tickets. A dry run unless told to `--apply`. It may be
 * interrupted at any moment, run beside the application, and run again.
 */
async function main(): Promise<void> {
  const options = readOptions();
  const config = loadConfig(process.env);
  const database = await locateDatabase(config, say);
  const db = new Database(new DataSource(dataSourceOptions(database.databaseUrl, 1)));
  try {
    await db.open();
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    const report = options.report ?? join(config.DATA_DIR, 'reports', `backfill-tickets-${stamp}.ndjson`);
    const { result, path } = await backfill(db, options, report);
    say(countsTable(result.counts));
    say(`threads that stay without a ticket, and why: ${path}`);
    say(lastWord(options.apply, result.isComplete));
    if (!result.isComplete) process.exitCode = 130;
  } finally {
    await db.close();
    await database.leave();
  }
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      apply: { type: 'boolean', default: false },
      batch: { type: 'string', default: '1000' },
      organization: { type: 'string' },
      report: { type: 'string' },
    },
  });
  const parsed = optionsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new Error(`--${parsed.error.issues[0]?.path.join('.') ?? ''} is not usable; use: ${usage}`);
}

async function backfill(
  db: Database,
  { apply, batch, organization }: Options,
  report: string,
): Promise<{ result: BackfillResult; path: string }> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const unlinked = await openUnlinkedFile(report);
  const result = await new TicketBackfill(db, new SystemClock()).run({
    apply,
    batch,
    organizationId: organization,
    signal: stop.signal,
    onProgress: (progress) => say(progressLine(progress, apply)),
    onUnlinked: (decisions) => unlinked.add(decisions),
  });
  return { result, path: await unlinked.end(result.isComplete) };
}

function progressLine({ step, seen, changed }: Progress, apply: boolean): string {
  return `${step}: ${seen} seen, ${changed} ${apply ? 'changed' : 'would change'}`;
}

function lastWord(apply: boolean, isComplete: boolean): string {
  if (!isComplete) return 'stopped between two batches; run it again to go on';
  return apply ? 'done' : 'this was a dry run, nothing was changed; add --apply';
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`backfill:tickets: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});
