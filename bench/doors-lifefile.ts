import { newId } from '../src/platform/ids/index.js';
import { launchReference, processes, startApi } from './api.js';
import { calmRounds } from './calm.js';
import { doorSecret, pushOf, signed } from './doors-events.js';
import { load, median, type LoadResult } from './load.js';
import { atLeast, atMost, type Result } from './results.js';
import type { Stage } from './stage.js';

const rounds = 7;
const perRound = 10_000;
const connections = 32;

/** A signed Lifefile push over HTTP, against one durable insert over HTTP with the same signature. */
export async function lifefileDoor(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const reference = await launchReference(stage, { HMAC_SECRET: doorSecret });
  const api = await startApi(stage, { LIFEFILE_WEBHOOK_SECRET: doorSecret, API_PROCESSES: String(processes) });
  let done: { bare: LoadResult; ours: LoadResult }[];
  try {
    done = await calmRounds(rounds, log, async (round) => {
      const bodies = Array.from({ length: perRound }, (_, index) =>
        pushOf(newId(), round * perRound + index, 'order_processing', new Date().toISOString()),
      );
      const headers = { 'content-type': 'application/json' };
      const plan = { method: 'POST' as const, headers, bodies, ownHeaders: bodies.map(signed), connections };
      const bare = await load({ ...plan, url: reference.url });
      const ours = await load({ ...plan, url: `${api.url}/api/webhooks/lifefile/prescription-status` });
      if (ours.statuses['200'] !== perRound) throw new Error(`the door answered ${JSON.stringify(ours.statuses)}`);
      log(`  round ${round}: reference ${shown(bare)}, door ${shown(ours)}`);
      return { bare, ours };
    });
  } finally {
    await api.stop();
    await reference.stop();
  }
  const medians = (pick: (result: LoadResult) => number) => ({
    figure: median(done.map(({ ours }) => pick(ours))),
    reference: median(done.map(({ bare }) => pick(bare))),
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
