import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi } from './api.js';
import { doorSecret, eventsOfOne, pushesOf, seedHandedOver, type SignedBodies } from './doors-events.js';
import { atLeast, type Result } from './results.js';
import type { Stage } from './stage.js';

const rounds = 5;
const pushes = 5_000;
const seconds = 10;
const toWarmUp = 500;
const tickMs = 20;
const patienceMs = 180_000;

interface BurstAnswer {
  status: number;
  eventId: string | undefined;
}

/**
 * Pushes that do not wait for one another, at a process that also works them off: every answer is 2xx or 503, and every 2xx is
 * one row of the inbox and one entry in a prescription's history. The worst round counts: a median would hide what one lost.
 */
export async function burst(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const api = await startApi(stage, { LIFEFILE_WEBHOOK_SECRET: doorSecret, ROLES: 'api,worker,scheduler' });
  try {
    const ids = await seedHandedOver(stage, (toWarmUp + rounds * pushes) / eventsOfOne);
    const done: { figure: number; reference: number }[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const firstNumber = ids.length;
      const some = ids.splice(0, (round === 0 ? toWarmUp : pushes) / eventsOfOne);
      const told = await pushed(api.url, pushesOf(some, new Date(Date.now() - 86_400_000), firstNumber));
      log(`  ${round === 0 ? 'warm-up' : `round ${round}`}: ${answersOf(told)}`);
      const accepted = told.flatMap(({ eventId }) => eventId ?? []);
      const figure = await provenOnce(stage, accepted);
      log(`    ${accepted.length} accepted, ${figure} with one row and one effect`);
      if (round > 0) done.push({ figure, reference: accepted.length });
    }
    const [worst = { figure: 0, reference: 0 }] = done.toSorted(
      (left, right) => left.figure / left.reference - right.figure / right.reference,
    );
    return [
      atLeast(1, {
        id: 'doors.burst',
        what: `of ${pushes} pushes in ${seconds} s, those answered 2xx that are exactly one row and one effect; the worst of ${rounds} rounds`,
        unit: 'pushes',
        ...worst,
      }),
    ];
  } finally {
    await api.stop();
  }
}

/** Sends them at the rate of the burst, whatever becomes of those before. */
async function pushed(apiUrl: string, { bodies, ownHeaders }: SignedBodies): Promise<BurstAnswer[]> {
  const url = `${apiUrl}/api/webhooks/lifefile/prescription-status`;
  const agent = new Agent({ keepAlive: true });
  const answers: Promise<BurstAnswer>[] = [];
  const began = performance.now();
  while (answers.length < bodies.length) {
    const due = Math.min(bodies.length, Math.ceil(((performance.now() - began) / 1000) * (pushes / seconds)));
    for (let at = answers.length; at < due; at += 1) {
      const headers = { 'content-type': 'application/json', ...ownHeaders[at] };
      answers.push(push(url, agent, headers, bodies[at] ?? ''));
    }
    await sleep(tickMs);
  }
  const told = await Promise.all(answers);
  agent.destroy();
  return told;
}

/** @throws Error when there are others than 2xx and 503 */
function answersOf(told: readonly BurstAnswer[]): string {
  const statuses = new Map<number, number>();
  for (const { status } of told) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const strange = [...statuses.keys()].filter((status) => status !== 503 && (status < 200 || status > 299));
  if (strange.length > 0) throw new Error(`the door answered ${strange.join(', ')}`);
  return [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
}

/** @returns how many of the accepted events have exactly one row, processed, and exactly one entry of history */
async function provenOnce({ sql }: Stage, accepted: readonly string[]): Promise<number> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await sql.query<{ open: number }>(
      `SELECT count(*)::int AS open FROM webhook_events WHERE status = 'received'`,
    );
    if (rows[0]?.open === 0 || performance.now() > deadline) break;
    await sleep(500);
  }
  const { rows } = await sql.query<{ once: number }>(
    `SELECT count(*)::int AS once FROM unnest($1::uuid[]) AS told(id)
     WHERE (SELECT count(*) FROM webhook_events e WHERE e.id = told.id AND e.status = 'processed') = 1
       AND (SELECT count(*) FROM prescription_status_events s WHERE s.webhook_event_id = told.id) = 1`,
    [accepted],
  );
  return rows[0]?.once ?? 0;
}

function push(url: string, agent: Agent, headers: Record<string, string>, body: string): Promise<BurstAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, eventId: eventIdOf(text) }));
    });
    call.once('error', reject);
    call.end(body);
  });
}

function eventIdOf(text: string): string | undefined {
  const { eventId } = JSON.parse(text) as { eventId?: string };
  return eventId;
}
