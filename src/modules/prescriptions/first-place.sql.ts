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

const takes = takesStatus({
  status: 'heir.to_status',
  now: '$3',
  pharmacy: 'coalesce(heir.pharmacy_id, t.secondary_provider_id)',
});

/** Alone: of two prescriptions that end or leave at once, the statement after it must see for the second what came of the first. */
export const lockWithTicket: Statement = {
  name: 'prescriptions_lock_with_ticket',
  text: `SELECT 1 FROM prescriptions p JOIN healthcare_tickets t ON t.id = p.ticket_id
    WHERE p.id = $1 AND p.state = ANY($2::text[]) FOR NO KEY UPDATE OF p, t`,
};

/**
 * A ticket ends with the last of its prescriptions: before the first one does, the oldest of those that go on becomes the
 * first. What the pharmacy was sent once is not taken back to `created`.
 */
export const passFirstPlace: Statement = {
  name: 'prescriptions_pass_first_place',
  text: `WITH heir AS (
      SELECT o.id, o.ticket_id, o.pharmacy_id, o.patient_id, o.provider_id, t.status AS from_status,
        CASE WHEN t.sent_at IS NOT NULL AND ${statusAt} ->> o.state = 'created' THEN 'sent'
          ELSE ${statusAt} ->> o.state END AS to_status
      FROM prescriptions p
      JOIN healthcare_tickets t ON t.id = p.ticket_id AND t.prescription_id = p.id
      JOIN prescriptions o ON o.ticket_id = t.id AND o.id <> p.id AND ${statusAt} ? o.state
      WHERE p.id = $1 AND p.state = ANY($2::text[]) AND t.status NOT IN ('closed', 'cancelled')
      ORDER BY o.received_at, o.id LIMIT 1
    ), passed AS (
      UPDATE healthcare_tickets t SET prescription_id = heir.id, ${takes},
        ${takesParties({ patient: 'heir.patient_id', doctor: 'heir.provider_id' })},
        sent_at = coalesce(t.sent_at, CASE WHEN heir.to_status <> 'created' THEN $3::timestamptz END)
      FROM heir WHERE t.id = heir.ticket_id
      RETURNING t.id, t.organization_id
    ), asked AS (
      -- Those without a pharmacy of their own are read by that of the ticket.
      UPDATE prescriptions o SET asked_pharmacy_id = heir.pharmacy_id FROM heir
      WHERE o.ticket_id = heir.ticket_id AND o.pharmacy_id IS NULL AND o.asked_pharmacy_id <> heir.pharmacy_id
    )
    INSERT INTO ticket_events (id, ticket_id, organization_id, code, actor_kind, actor_id, trigger, details, occurred_at, recorded_at)
    SELECT $4, passed.id, passed.organization_id, 'ticket.' || heir.to_status, $5, $6, $7,
      jsonb_build_object('from', heir.from_status, 'to', heir.to_status, 'prescriptionId', heir.id), $3, $3
    FROM passed, heir WHERE heir.from_status <> heir.to_status`,
};
