import { fileURLToPath } from 'node:url';
import { median } from './load.js';
import { atMost, type Result } from './results.js';
import { launch, type Stage } from './stage.js';

/** What the process of the bench prints: milliseconds of each hand-over, by round. */
export interface HandoverTimes {
  ours: number[][];
  bare: number[][];
}

/** (d) From commit to the start of the worker when nothing else happens, against a bare BullMQ hand-over on the same backend. */
export async function handover(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const run = await launch(
    fileURLToPath(new URL('./handover-process.js', import.meta.url)),
    { DATA_DIR: stage.folder, DATABASE_URL: stage.urls.databaseUrl, QUEUE_DATABASE_URL: stage.urls.queueUrl },
    (line) => line.startsWith('{"ours"'),
  );
  await run.stop();
  const { ours, bare } = JSON.parse(run.line) as HandoverTimes;
  ours.forEach((times, round) =>
    log(`  round ${round + 1}: bare BullMQ p50 ${ms(median(bare[round] ?? []))}, ours p50 ${ms(median(times))}`),
  );
  return [
    atMost(6, {
      id: 'core.handover',
      what: 'idle: commit to the start of the worker, against queue.add to worker of bare BullMQ on PostgreSQL (p50)',
      figure: median(ours.map(median)),
      unit: 'ms',
      reference: median(bare.map(median)),
    }),
  ];
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
