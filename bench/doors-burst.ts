import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi } from './api.js';
import { doorSecret, eventsOfOne, pushesOf, seedHandedOver } from './doors-events.js';
import { atLeast, type Result } from './results.js';
import type { Stage } from './stage.js';

const pushes = 5_000;
const seconds = 10;
const tickMs = 20;
const patienceMs = 180_000;

interface BurstAnswer {
  status: number;
  eventId: string | undefined;
}

/**
 * Pushes that do not wait for one another, at a process that also works them off: every answer is 2xx or 503, and every 2xx is
 * one row of the inbox and one entry in a prescription's history.
 */
export async function burst(stage: Stage, log: (line: string) => void): Promise<Result[]> {
  const api = await startApi(stage, { LIFEFILE_WEBHOOK_SECRET: doorSecret, ROLES: 'api,worker,scheduler' });
  try {
    const ids = await seedHandedOver(stage, pushes / eventsOfOne);
    const { bodies, ownHeaders } = pushesOf(ids, new Date(Date.now() - 86_400_000));
    const url = `${api.url}/api/webhooks/lifefile/prescription-status`;
    const agent = new Agent({ keepAlive: true });
    const answers: Promise<BurstAnswer>[] = [];
    const began = performance.now();
    while (answers.length < pushes) {
      const due = Math.min(pushes, Math.ceil(((performance.now() - began) / 1000) * (pushes / seconds)));
      for (let at = answers.length; at < due; at += 1) {
        const headers = { 'content-type': 'application/json', ...ownHeaders[at] };
        answers.push(push(url, agent, headers, bodies[at] ?? ''));
      }
      await sleep(tickMs);
    }
    const told = await Promise.all(answers);
    agent.destroy();
    const statuses = new Map<number, number>();
    for (const { status } of told) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    log(`  answers: ${[...statuses].map(([status, count]) => `${count} x ${status}`).join(', ')}`);
    const strange = [...statuses.keys()].filter((status) => status !== 503 && (status < 200 || status > 299));
    if (strange.length > 0) throw new Error(`the door answered ${strange.join(', ')}`);
    const accepted = told.flatMap(({ eventId }) => eventId ?? []);
    const figure = await provenOnce(stage, accepted);
    log(`  ${accepted.length} accepted, ${figure} with one row and one effect`);
    return [
      atLeast(1, {
        id: 'doors.burst',
        what: `of ${pushes} pushes in ${seconds} s, those answered 2xx that are exactly one row and one effect`,
        figure,
        unit: 'pushes',
        reference: accepted.length,
      }),
    ];
  } finally {
    await api.stop();
  }
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
