import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, type BenchApi } from './api.js';
import { doorSecret, eventsOfOne, pushesOf, seedHandedOver } from './doors-events.js';
import { load, median } from './load.js';
import { atLeast, type Result } from './results.js';
import type { Stage } from './stage.js';
import { workLeft } from './work-left.js';

const rounds = 5;
const perRound = 20_000;
const toWarmUp = 2_000;
const connections = 32;
const noted = 10_000;

/** The same events once more: nothing changes, and it must not take much longer than when everything did. */
export async function replay(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const first = await startApi(stage); // its first account makes the organization
  await first.stop();
  const ids = await seedHandedOver(stage, (toWarmUp + rounds * perRound) / eventsOfOne);
  const done: { reference: number; figure: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const size = round === 0 ? toWarmUp : perRound;
    log(`  ${round === 0 ? 'warm-up' : `round ${round}`}`);
    const one = await replayed(stage, log, { firstNumber: ids.length, ids: ids.splice(0, size / eventsOfOne) });
    if (round > 0) done.push(one);
  }
  return [
    atLeast(0.5, {
      id: 'doors.replay',
      what: `replay of ${perRound} processed events against their first processing`,
      figure: median(done.map(({ figure }) => figure)),
      unit: 'events/s',
      reference: median(done.map(({ reference }) => reference)),
    }),
  ];
}

interface Round {
  ids: readonly string[];
  firstNumber: number;
}

/** The events of some prescriptions, worked off and then replayed. */
async function replayed(stage: Stage, log: (line: string) => void, round: Round) {
  const began = new Date();
  const events = round.ids.length * eventsOfOne;
  await takeIn(stage, log, round);
  const api = await startApi(stage, { LIFEFILE_WEBHOOK_SECRET: doorSecret, ROLES: 'api,worker,scheduler' });
  try {
    const reference = await drained(stage, log, { what: 'first processing', events });
    await settled(stage);
    const before = await fingerprint(stage);
    await replaySince(api, began);
    const figure = await drained(stage, log, { what: 'replay', events });
    await settled(stage);
    if ((await fingerprint(stage)) !== before) throw new Error('a replay changed what had been processed');
    return { reference, figure };
  } finally {
    await api.stop();
  }
}

/** Taken in by a process that works nothing off. */
async function takeIn(stage: Stage, log: (line: string) => void, { ids, firstNumber }: Round): Promise<void> {
  const api = await startApi(stage, { LIFEFILE_WEBHOOK_SECRET: doorSecret });
  try {
    const pushes = pushesOf(ids, new Date(Date.now() - 86_400_000), firstNumber);
    const events = pushes.bodies.length;
    const url = `${api.url}/api/webhooks/lifefile/prescription-status`;
    const headers = { 'content-type': 'application/json' };
    const result = await load({ url, method: 'POST', headers, connections, ...pushes });
    if (result.statuses['200'] !== events) throw new Error(`the door answered ${JSON.stringify(result.statuses)}`);
    log(`  ${events} events taken in, ${result.perSecond.toFixed(0)}/s`);
  } finally {
    await api.stop();
  }
}

/** @returns events/s until none waits */
async function drained(
  { sql }: Stage,
  log: (line: string) => void,
  { what, events }: { what: string; events: number },
): Promise<number> {
  const began = performance.now();
  let told = noted;
  for (;;) {
    const { rows } = await sql.query<{ open: number; handingOut: boolean }>(
      `SELECT (SELECT count(*)::int FROM webhook_events WHERE status = 'received') AS open,
         EXISTS (SELECT 1 FROM webhook_replays WHERE handed_out_at IS NULL) AS "handingOut"`,
    );
    const { open = 0, handingOut = false } = rows[0] ?? {};
    if (open === 0 && !handingOut) break;
    if (events - open >= told && !handingOut) {
      log(`  ${what}: ${events - open} done after ${Math.round((performance.now() - began) / 1000)} s`);
      told += noted;
    }
    await sleep(250);
  }
  const perSecond = events / ((performance.now() - began) / 1000);
  log(`  ${what}: ${perSecond.toFixed(0)} events/s`);
  return perSecond;
}

/** What follows from the events is done, too: what was delivered is completed by a job of its own. */
async function settled({ sql }: Stage): Promise<void> {
  for (;;) {
    const { rows } = await sql.query<{ open: boolean }>(workLeft);
    if (rows[0]?.open === false) return;
    await sleep(250);
  }
}

async function replaySince({ url, token }: BenchApi, from: Date): Promise<void> {
  const answer = await fetch(`${url}/api/webhook-events/replay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ source: 'lifefile', status: 'processed', from, dryRun: false }),
  });
  if (!answer.ok) throw new Error(`no replay: ${answer.status} ${await answer.text()}`);
}

/** What the events did, as one value. */
async function fingerprint({ sql }: Stage): Promise<string> {
  const { rows } = await sql.query<{ all: string }>(
    `SELECT md5(string_agg(state || state_since, ',' ORDER BY id)) ||
       (SELECT count(*) FROM prescription_status_events) AS all FROM prescriptions`,
  );
  return rows[0]?.all ?? '';
}
