import type { Statement } from '../../platform/db/index.js';
import type { TicketStatus } from '../tickets/index.js';
import type { Outcome, PrescriptionState } from './prescription.machine.js';
import { takesParties } from './ticket-parties.sql.js';
import { takesStatus } from './ticket-status.sql.js';

/** Where a ticket stands by its first prescription, until that ends. */
const ticketStatusAt: Readonly<Record<Exclude<PrescriptionState, Outcome | 'completed'>, TicketStatus>> = {
  received: 'created',
  validation_issue: 'created',
  validated: 'sent',
  awaiting_enrollment: 'sent',
  awaiting_routing: 'sent',
  routing_issue: 'sent',
  awaiting_pharmacy_selection: 'sent',
  pharmacy_selected: 'sent',
  adjudicated: 'sent',
  adjudication_issue: 'sent',
  awaiting_payment: 'sent',
  paid: 'sent',
  sent_to_pharmacy: 'sent',
  pharmacy_received: 'received',
  processing: 'processing',
  ready_for_pickup: 'ready',
  shipped: 'ready',
  in_transit: 'ready',
  out_for_delivery: 'ready',
};
const statusAt = `'${JSON.stringify(ticketStatusAt)}'::jsonb`;

/** Alone: of two prescriptions that end or leave at once, the statement after it must see for the second what came of the first. */
export const lockWithTicket: Statement = {
  name: 'prescriptions_lock_with_ticket',
  text: `SELECT 1 FROM prescriptions p JOIN healthcare_tickets t ON t.id = p.ticket_id
    WHERE p.id = $1 AND p.state = ANY($2::text[]) FOR NO KEY UPDATE OF p, t`,
};

interface Passing {
  name: string;
  /** Who leaves the first place: `p`, on the ticket `t`. */
  from: string;
  heirs: string;
  toStatus: string;
}

/** The place goes to the oldest of `heirs`. */
const passing = ({ name, from, heirs, toStatus }: Passing): Statement => ({
  name,
  text: `WITH heir AS (
      SELECT o.id, o.ticket_id, o.patient_id, o.provider_id, t.status AS from_status,
        coalesce(o.pharmacy_id, t.secondary_provider_id) AS pharmacy_id, ${toStatus} AS to_status
      FROM ${from} JOIN prescriptions o ON o.ticket_id = t.id AND o.id <> p.id AND ${heirs}
      WHERE p.state = ANY($2::text[]) AND t.status NOT IN ('closed', 'cancelled')
      ORDER BY o.received_at, o.id LIMIT 1
    ), passed AS (
      UPDATE healthcare_tickets t SET prescription_id = heir.id,
        ${takesStatus({ status: 'heir.to_status', now: '$3', pharmacy: 'heir.pharmacy_id' })},
        ${takesParties({ patient: 'heir.patient_id', doctor: 'heir.provider_id' })},
        sent_at = coalesce(t.sent_at, CASE WHEN heir.to_status <> 'created' THEN $3::timestamptz END)
      FROM heir WHERE t.id = heir.ticket_id
      RETURNING t.id, t.organization_id
    ), asked AS (
      -- Those without a pharmacy of their own are read by that of the ticket.
      UPDATE prescriptions o SET asked_pharmacy_id = heir.pharmacy_id FROM heir
      WHERE o.ticket_id = heir.ticket_id AND o.pharmacy_id IS NULL AND heir.pharmacy_id IS NOT NULL
        AND (o.asked_pharmacy_id <> heir.pharmacy_id OR (o.asked_pharmacy_id IS NULL AND ${statusAt} ->> o.state <> 'created'))
    )
    INSERT INTO ticket_events (id, ticket_id, organization_id, code, actor_kind, actor_id, trigger, details, occurred_at, recorded_at)
    SELECT $4, passed.id, passed.organization_id, 'ticket.' || heir.to_status, $5, $6, $7,
      jsonb_build_object('from', heir.from_status, 'to', heir.to_status, 'prescriptionId', heir.id), $3, $3
    FROM passed, heir WHERE heir.from_status <> heir.to_status`,
});

/**
 * A ticket ends with the last of its prescriptions: before the first one does, the oldest of those that go on becomes the
 * first. What the pharmacy was sent once is not taken back to `created`.
 */
export const passFirstPlace = passing({
  name: 'prescriptions_pass_first_place',
  from: `prescriptions p JOIN healthcare_tickets t ON p.id = $1 AND t.id = p.ticket_id AND t.prescription_id = p.id`,
  heirs: `${statusAt} ? o.state`,
  toStatus: `CASE WHEN t.sent_at IS NOT NULL AND ${statusAt} ->> o.state = 'created' THEN 'sent'
          ELSE ${statusAt} ->> o.state END`,
});

/**
 * A ticket is sent for a prescription that passed validation: when the first one is held there, the oldest that passed takes its
 * place. After the move of either, which holds the ticket: of two at once the second sees what came of the first. What the
 * pharmacy has seen stays seen.
 */
export const passHeldPlace = passing({
  name: 'prescriptions_pass_held_place',
  from: `prescriptions m JOIN healthcare_tickets t ON m.id = $1 AND t.id = m.ticket_id
        JOIN prescriptions p ON p.id = t.prescription_id`,
  heirs: `${statusAt} ->> o.state <> 'created'`,
  toStatus: `CASE WHEN t.status = 'received' AND ${statusAt} ->> o.state = 'sent' THEN t.status
          ELSE ${statusAt} ->> o.state END`,
});
