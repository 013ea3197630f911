import Table from 'cli-table3';
import { differences, type Expected } from '../../src/demo/expected.js';
import type { SandboxClient } from '../../src/demo/sandbox-client.js';
import type { Course } from './people.js';
import type { World } from './world.js';

type Counted = 'labels' | 'pharmacyOrders' | 'checkoutPages' | 'charges' | 'refunds' | 'paidClaims' | 'reversals';

/** Where the sandbox notes each effect. Counted over the whole run: an effect that belongs to nobody is found, too. */
const ledgers: readonly (readonly [what: string, vendor: string, kind: string, expected: Counted])[] = [
  ['claims paid', 'switch', 'claim', 'paidClaims'],
  ['claims reversed', 'switch', 'reversal', 'reversals'],
  ['payment pages', 'stripe', 'checkout_session', 'checkoutPages'],
  ['charges', 'stripe', 'charge', 'charges'],
  ['refunds', 'stripe', 'refund', 'refunds'],
  ['labels', 'shippo', 'label', 'labels'],
  ['orders at the partner', 'lifefile', 'order', 'pharmacyOrders'],
];

export interface Verdict {
  table: string;
  problems: string[];
}

/** Compares what the vendors did with what should have been done, in sum and for each prescription. */
export async function judge(world: World, sandbox: SandboxClient, courses: readonly Course[]): Promise<Verdict> {
  const problems: string[] = [];
  const table = new Table({ head: ['effect', 'expected', 'seen', 'repeats recognised'], style: { head: [] } });
  const row = (what: string, [least, most]: readonly [number, number], seen: number, repeats: number) => {
    const expected = least === most ? String(least) : `${least} to ${most}`;
    table.push([what, expected, seen, repeats]);
    if (seen < least || seen > most) problems.push(`${what}: ${seen} instead of ${expected}`);
  };
  for (const [what, vendor, kind, name] of ledgers) {
    const lines = await sandbox.ledger(vendor, kind);
    const wanted = sum(courses, ({ [name]: count = 0 }) => count);
    const seen = lines.filter((line) => !line.replayed).length;
    row(what, [wanted, wanted], seen, lines.length - seen);
  }
  for (const [what, vendor, kind] of [['emails', 'smtp', 'mail'] as const, ['texts', 'twilio', 'message'] as const]) {
    const lines = await sandbox.ledger(vendor, kind);
    const always = sum(courses, ({ messages }) => messages.length);
    const byDay = sum(courses, ({ byDay: some }) => some?.length ?? 0);
    const perhaps = sum(courses, ({ perhaps: some }) => some?.length ?? 0);
    const least = kind === 'mail' ? always + byDay : always;
    const seen = lines.filter((line) => !line.replayed).length;
    row(what, [least, always + byDay + perhaps], seen, lines.length - seen);
  }
  for (const course of courses) {
    const wrong = course.isOver ? await differences(course, course.kind.expected) : [await course.whyNot()];
    problems.push(...wrong.map((one) => `${course.id || 'a prescription'} (${course.kind.name}): ${one}`));
  }
  return { table: table.toString(), problems: [...problems, ...(await leftovers(world))] };
}

function sum(courses: readonly Course[], count: (expected: Expected) => number): number {
  return courses.reduce((total, { kind }) => total + count(kind.expected), 0);
}

/**
 * When all is quiet nothing may have been given up, nothing may be unclear, and every event that has a message was told of
 * or was overtaken by a later one, or was a text too many for who has agreed to none. A "shipped" that arrives after the
 * delivery is kept as a report and announces nothing.
 */
async function leftovers(world: World): Promise<string[]> {
  const dead = await world.sql<{ subscriber: string; reason: string; aggregate: string | null }>(
    'SELECT subscriber, reason, aggregate_id AS aggregate FROM dead_letters WHERE redriven_at IS NULL',
  );
  const unclear = await world.sql<{ key: string; state: string; error: string | null }>(
    `SELECT key, state, error_code AS error FROM effects WHERE state <> 'confirmed'`,
  );
  const untold = await world.sql<{ id: string; missing: string }>(
    `SELECT p.id, wanted.event || ' ' || wanted.channel AS missing FROM prescriptions p
     CROSS JOIN (SELECT event, channel FROM unnest(ARRAY['shipping_label_generated', 'delivered']) event,
       unnest(ARRAY['email', 'sms']) channel) wanted
     WHERE p.state = 'completed'
       AND (wanted.event = 'delivered' OR EXISTS (SELECT 1 FROM prescription_status_events e
         WHERE e.prescription_id = p.id AND e.event = wanted.event))
       AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.prescription_id = p.id
       AND n.event = wanted.event AND n.channel = wanted.channel AND (n.status IN ('sent', 'delivered') OR n.suppressed_reason IN ('superseded', 'capped')))`,
  );
  return [
    ...untold.map(({ id, missing }) => `${id}: nothing is known of the message ${missing}`),
    ...dead.map(({ subscriber, reason, aggregate }) => `dead letter ${subscriber}: ${reason} (${aggregate ?? '-'})`),
    ...unclear.map(({ key, state, error }) => `effect ${key} is ${state} (${error ?? '-'})`),
  ];
}

/** True once no work about a prescription is due now or under way; plans for later are no unfinished business. */
export async function isQuiet(world: World): Promise<boolean> {
  const [open] = await world.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM outbox_events
     WHERE done_at IS NULL AND aggregate_id IS NOT NULL AND due_at < now() + interval '10 seconds'`,
  );
  return open?.count === 0;
}
