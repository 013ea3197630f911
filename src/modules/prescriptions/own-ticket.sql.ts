import type { Statement } from '../../platform/db/index.js';
import { namingOrigins, openTicketStatuses, ticketStatusOfState } from '../tickets/index.js';
import type { PrescriptionState } from './prescription.machine.js';
import { takesParties } from './ticket-parties.sql.js';
import { takesStatus } from './ticket-status.sql.js';

const endings = Object.entries(ticketStatusOfState).filter(
  ([, status]) => status !== undefined && !openTicketStatuses.includes(status),
);
const endAt = `'${JSON.stringify(Object.fromEntries(endings))}'::jsonb`;

/**
 * A ticket has one pharmacy: that of its first prescription. One that goes to another while others stay gets a ticket of its own
 * before it moves there, so that neither pharmacy reads the other's, and the move finds a ticket without pharmacy. When it is the
 * first that goes, the next that goes on becomes the first; when only ended ones stay, the ticket ends as the latest of them says.
 * Nothing happens to one that stays where its ticket is, nor to one alone.
 */
export const giveOwnTicket: Statement = {
  name: 'prescriptions_own_ticket',
  text: `WITH shared AS (
      SELECT t.*, p.id AS moving_id, p.patient_id AS moving_patient_id, p.provider_id AS moving_provider_id,
        staying.id AS staying_id, staying.patient_id AS staying_patient_id, staying.provider_id AS staying_provider_id,
        coalesce(staying.end_status, t.status) AS left_status
      FROM prescriptions p
      JOIN healthcare_tickets t ON t.id = p.ticket_id
      LEFT JOIN LATERAL (
        SELECT o.id, o.patient_id, o.provider_id, ${endAt} ->> o.state AS end_status FROM prescriptions o
        WHERE o.ticket_id = t.id AND o.id <> p.id AND o.pharmacy_id = t.secondary_provider_id
        ORDER BY ${endAt} ? o.state, o.state_since DESC, o.received_at, o.id LIMIT 1) staying ON t.prescription_id = p.id
      WHERE p.id = $1 AND p.state = ANY($2::text[]) AND t.secondary_provider_id <> $3::uuid
        AND (t.prescription_id <> p.id OR staying.id IS NOT NULL)
      FOR NO KEY UPDATE OF p, t
    ), kept AS (
      UPDATE healthcare_tickets t SET prescription_id = shared.staying_id, ${takesStatus({ status: 'shared.left_status', now: '$5' })},
        ${takesParties({ patient: 'shared.staying_patient_id', doctor: 'shared.staying_provider_id' })}
      FROM shared WHERE t.id = shared.id AND shared.staying_id IS NOT NULL
    ), own AS (
      INSERT INTO healthcare_tickets (id, organization_id, ticket_type, origin, status, status_since, sent_at, appointment_id,
        primary_provider_id, patient_id, prescription_id, path, priority, assignee_id, created_at, updated_at)
      SELECT $4, organization_id, ticket_type, CASE WHEN origin IN ('${namingOrigins.join("', '")}') THEN 'split' ELSE 'intake' END, 'sent', $5, $5, appointment_id,
        coalesce(moving_provider_id, primary_provider_id), coalesce(moving_patient_id, patient_id), moving_id, path, priority, assignee_id, $5, $5 FROM shared
      RETURNING id, organization_id, prescription_id
    ), moved AS (
      UPDATE prescriptions p SET ticket_id = own.id FROM own WHERE p.id = own.prescription_id
    )
    INSERT INTO ticket_events (id, ticket_id, organization_id, code, actor_kind, actor_id, trigger, details, occurred_at, recorded_at)
    SELECT told.id, told.ticket_id, own.organization_id, told.code, $8, $9, $10,
      told.details, $5, $5
    FROM own, shared, LATERAL (VALUES
      ($6::uuid, own.id, 'ticket.created', true, jsonb_build_object('prescriptionId', own.prescription_id, 'from', shared.id)),
      ($7::uuid, shared.id, 'ticket.prescription-moved', true,
        jsonb_build_object('prescriptionId', own.prescription_id, 'to', own.id)),
      ($11::uuid, shared.id, 'ticket.' || left_status, left_status <> shared.status,
        jsonb_build_object('from', shared.status, 'to', left_status, 'prescriptionId', shared.staying_id))
    ) AS told(id, ticket_id, code, happened, details)
    WHERE told.happened`,
};

/** Validation has passed it, and routing has not chosen: it is read by the pharmacy of its ticket. */
export const waitsForPharmacy: readonly PrescriptionState[] = [
  'validated',
  'awaiting_enrollment',
  'awaiting_routing',
  'routing_issue',
  'awaiting_pharmacy_selection',
];

/**
 * Who waits on the ticket for a pharmacy of its own is read by that of the ticket (`asked_pharmacy_id`): with another one the
 * former reads it no more, and the first one a ticket gets reads it. Before the move, while the ticket still names the former.
 * Nobody waits for one that is being moved, which may wait for the ticket: its own move asks.
 */
export const askTheNextPharmacy: Statement = {
  name: 'prescriptions_ask_next_pharmacy',
  text: `WITH unasked AS (
      SELECT o.id FROM prescriptions p JOIN healthcare_tickets t ON t.id = p.ticket_id
      JOIN prescriptions o ON o.ticket_id = t.id AND o.id <> p.id AND o.pharmacy_id IS NULL AND o.asked_pharmacy_id IS NULL
        AND o.state IN ('${waitsForPharmacy.join("', '")}')
      WHERE p.id = $1 AND p.state = ANY($2::text[]) AND t.secondary_provider_id IS NULL
      FOR NO KEY UPDATE OF o SKIP LOCKED
    ), asked AS (
      UPDATE prescriptions o SET asked_pharmacy_id = $3 FROM unasked WHERE o.id = unasked.id
    )
    UPDATE prescriptions o SET asked_pharmacy_id = $3
    FROM prescriptions p JOIN healthcare_tickets t ON t.id = p.ticket_id
    WHERE p.id = $1 AND p.state = ANY($2::text[]) AND t.prescription_id = p.id AND t.secondary_provider_id <> $3::uuid
      AND o.ticket_id = t.id AND o.id <> p.id AND o.pharmacy_id IS NULL AND o.asked_pharmacy_id IS NOT NULL`,
};
