import { jsonInstant, statementsNamed, type SqlValue, type Statement } from '../../platform/db/index.js';
import type { Position } from '../../platform/http/index.js';
import { ownerOf, type OwnerKind, type Principal } from '../auth/index.js';
import { unreadCountSql } from '../threads/index.js';
import { canBeAnswered } from '../tickets/index.js';

export interface TicketFilter {
  status?: string | undefined;
  type?: string | undefined;
  priority?: string | undefined;
  assigneeId?: string | undefined;
  patientId?: string | undefined;
  doctorId?: string | undefined;
  pharmacyId?: string | undefined;
  prescriptionId?: string | undefined;
  after?: Position | undefined;
}

const ownerColumns: Readonly<Record<OwnerKind, string>> = {
  organization: 'organization_id',
  provider: 'primary_provider_id',
  pharmacy: 'secondary_provider_id',
  patient: 'patient_id',
};

type Condition = (parameter: string) => string;
const is =
  (column: string): Condition =>
  (parameter) =>
    `t.${column} = ${parameter}`;

const conditionOf: Readonly<Record<Exclude<keyof TicketFilter, 'after'>, Condition>> = {
  status: is('status'),
  type: is('ticket_type'),
  priority: is('priority'),
  assigneeId: is('assignee_id'),
  patientId: is('patient_id'),
  doctorId: is('primary_provider_id'),
  pharmacyId: is('secondary_provider_id'),
  // Any of the ticket's, of which `prescription_id` is the first only.
  prescriptionId: (parameter) => `t.id = (SELECT ticket_id FROM prescriptions WHERE id = ${parameter})`,
};

export interface ListQuery {
  statement: Statement;
  values: readonly SqlValue[];
}

/** One statement per combination of filters, so that each has its own plan. @returns undefined when the caller is party to nothing */
export function ticketListQuery(principal: Principal, filter: TicketFilter, limit: number): ListQuery | undefined {
  const owner = ownerOf(principal);
  if (owner === undefined) return undefined;
  const { after, ...wanted } = filter;
  const conditions: [Condition, SqlValue][] = [[is(ownerColumns[owner.kind]), owner.id]];
  for (const [name, condition] of Object.entries(conditionOf)) {
    const value = wanted[name as keyof typeof conditionOf];
    if (value !== undefined) conditions.push([condition, value]);
  }
  const values: SqlValue[] = [principal.id, limit + 1, ...conditions.map(([, value]) => value)];
  const where = conditions.map(([condition], index) => condition(`$${index + 3}`));
  if (after !== undefined) {
    where.push(`(t.created_at, t.id) < ($${values.length + 1}::timestamptz, $${values.length + 2}::uuid)`);
    values.push(after.at, after.id);
  }
  return { statement: statementOf(listText(where.join(' AND '))), values };
}

/**
 * For the transaction of a list. Under row-level security the planner expects a fraction of the caller's tickets: it would
 * rather gather and sort them all than walk an index that has them in order and stop after a page. It would also plan each page
 * anew, which takes as long as reading it, because the size of the page is a parameter.
 */
export const planning: Statement = {
  name: 'tickets_list_planning',
  text: `SELECT set_config('enable_bitmapscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`,
};

const statementOf = statementsNamed('tickets_list');

/** Everything a row of the queue shows, in one trip: ticket, prescription, thread, unread, last message, open question. */
const listText = (where: string) => `
  WITH page AS MATERIALIZED (
    SELECT t.* FROM healthcare_tickets t WHERE ${where}
    ORDER BY t.created_at DESC, t.id DESC LIMIT $2
  )
  SELECT ${ticketColumns}, ${aboutColumns}
  FROM page t ${aboutJoins}
  ORDER BY t.created_at DESC, t.id DESC`;

const ticketColumns = `t.id, t.organization_id AS "organizationId", t.ticket_type AS type, t.status,
    t.status_since AS "statusSince", t.sent_at AS "sentAt", t.primary_provider_id AS "doctorId",
    t.secondary_provider_id AS "pharmacyId", t.patient_id AS "patientId", t.appointment_id AS "appointmentId",
    t.prescription_id AS "prescriptionId", t.path, t.priority, t.assignee_id AS "assigneeId", t.snoozed_until AS "snoozedUntil", t.breach_at AS "breachAt", t.escalated_at AS "escalatedAt",
    t.pharmacy_finding AS "pharmacyFinding", t.created_at AS "createdAt", t.updated_at AS "updatedAt"`;

const aboutColumns = `th.id AS "threadId", ${unreadCountSql('th.id', '$1::uuid')} AS unread,
    CASE WHEN p.id IS NOT NULL THEN json_build_object('id', p.id, 'rxNumber', p.rx_number, 'state', p.state,
      'stateSince', ${jsonInstant('p.state_since')}, 'drug', p.drug_description, 'ndc', p.ndc, 'quantity', p.quantity,
      'daysSupply', p.days_supply, 'refills', p.refills, 'schedule', p.schedule) END AS prescription,
    last.id AS "lastId", last.seq AS "lastSeq", last.audience AS "lastAudience", last.author_party AS "lastParty",
    last.code AS "lastCode", last.body_sealed AS "lastSealed", last.created_at AS "lastAt",
    question.id AS "questionId", question.awaits AS "questionAwaits", question.created_at AS "questionAt"`;

const aboutJoins = `
  LEFT JOIN prescriptions p ON p.id = t.prescription_id
  LEFT JOIN chat_threads th ON th.ticket_id = t.id
  LEFT JOIN LATERAL (
    SELECT m.* FROM chat_messages m WHERE m.thread_id = th.id AND m.deleted_at IS NULL ORDER BY m.seq DESC LIMIT 1
  ) last ON true
  LEFT JOIN LATERAL (
    SELECT m.* FROM chat_messages m WHERE m.thread_id = th.id AND m.blocks AND m.answered_at IS NULL
      AND m.deleted_at IS NULL AND ${canBeAnswered('t')} ORDER BY m.seq LIMIT 1
  ) question ON true`;

/** One ticket, as a row of the list. */
export const oneTicket: Statement = {
  name: 'tickets_one',
  text: `SELECT ${ticketColumns}, ${aboutColumns} FROM healthcare_tickets t ${aboutJoins} WHERE t.id = $2`,
};
