import { newId } from '../src/platform/ids/index.js';
import { launchReference, processes, startApi } from './api.js';
import { doorSecret, pushOf, signed } from './doors-events.js';
import { load, median, type LoadResult } from './load.js';
import { atLeast, atMost, type Result } from './results.js';
import type { Stage } from './stage.js';

const rounds = 5;
const perRound = 4_000;
const connections = 32;

/** A signed Lifefile push over HTTP, against one durable insert over HTTP with the same signature. */
export async function lifefileDoor(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const reference = await launchReference(stage, { HMAC_SECRET: doorSecret });
  const api = await startApi(stage, { LIFEFILE_WEBHOOK_SECRET: doorSecret, API_PROCESSES: String(processes) });
  const [bare, ours]: [LoadResult[], LoadResult[]] = [[], []];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const bodies = Array.from({ length: perRound }, (_, index) =>
        pushOf(newId(), round * perRound + index, 'order_processing', new Date().toISOString()),
      );
      const headers = { 'content-type': 'application/json' };
      const plan = { method: 'POST' as const, headers, bodies, ownHeaders: bodies.map(signed), connections };
      const left = await load({ ...plan, url: reference.url });
      const right = await load({ ...plan, url: `${api.url}/api/webhooks/lifefile/prescription-status` });
      if (right.statuses['200'] !== perRound) throw new Error(`the door answered ${JSON.stringify(right.statuses)}`);
      log(`  round ${round}: reference ${shown(left)}, door ${shown(right)}`);
      if (round === 0) continue; // the first one warms both up
      bare.push(left);
      ours.push(right);
    }
  } finally {
    await api.stop();
    await reference.stop();
  }
  const medians = (pick: (result: LoadResult) => number) => ({
    figure: median(ours.map(pick)),
    reference: median(bare.map(pick)),
  });
  return [
    atLeast(0.8, {
      id: 'doors.lifefile',
      what: `signed Lifefile push at ${connections} connections against one durable insert over bare node:http + pg with the same HMAC, both in ${processes} processes`,
      unit: 'requests/s',
      ...medians(({ perSecond }) => perSecond),
    }),
    atMost(1, {
      id: 'doors.lifefile.p99',
      what: 'the slowest hundredth of the same requests',
      unit: 'ms',
      ...medians(({ p99Ms }) => p99Ms),
    }),
  ];
}

const shown = ({ perSecond, p99Ms }: LoadResult) => `${perSecond.toFixed(0)}/s (p99 ${p99Ms.toFixed(0)} ms)`;
