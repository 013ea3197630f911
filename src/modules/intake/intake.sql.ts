import type { Statement } from '../../platform/db/index.js';
import { isForSubscriber } from '../../platform/outbox/index.js';

/** What is different where a batch has prescriptions that are saved on a ticket. */
interface TicketParts {
  /** The tickets that still take one, locked. */
  standing: string;
  /** Which messages are taken: not those of a ticket that ended. */
  admitted: string;
  /** The path the ticket names. */
  path: string;
  /** For which messages a ticket is opened. */
  opened: string;
  /** The standing tickets learn of their prescription. */
  linked: string;
}

/**
 * All rows of all messages of a batch in one statement. The unique key of intake_messages decides which messages are new;
 * every other insert joins what that one returned, so a repeated message writes nothing, nor does one for a ticket that ended. JSON parameters, because one
 * JSON.stringify costs a fraction of escaping thirty PostgreSQL arrays.
 */
const folded = (name: string, tickets: TicketParts): Statement => ({
  name,
  text: `WITH input AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1::json) AS r(
      id uuid, organization_id uuid, prescription_id uuid, ticket_id uuid, event_id uuid, format text, sender text,
      dedupe_key text, body_hash text, raw_from integer, raw_for integer, content_type text, answer_status integer,
      answer_from integer, answer_for integer, order_from integer, order_for integer,
      path text, service_level text, message_id text, prescriber_order_number text, drug_description text, ndc text, schedule text,
      quantity numeric, quantity_unit text, days_supply integer, refills integer, written_date date, metadata jsonb,
      actor_kind text, actor_id text, audit_id uuid, caller_kind text, caller_role text, request_id text, ip inet, received_at timestamptz,
      saved_on_ticket boolean, patient_id uuid, provider_id uuid)
  )${tickets.standing}, fresh AS (
    INSERT INTO intake_messages (id, organization_id, prescription_id, format, sender, dedupe_key, body_hash, raw_sealed,
      content_type, answer_status, answer_sealed, received_at)
    SELECT id, organization_id, prescription_id, format, sender, dedupe_key, body_hash, substring($4::bytea FROM raw_from FOR raw_for),
      content_type, answer_status, substring($4 FROM answer_from FOR answer_for), received_at
    FROM input ${tickets.admitted}
    ON CONFLICT (organization_id, sender, dedupe_key) DO NOTHING
    RETURNING id
  ), taken AS MATERIALIZED (
    SELECT input.*, coalesce(input.path, ${tickets.path} o.default_path) AS chosen_path
    FROM input JOIN fresh ON fresh.id = input.id JOIN organizations o ON o.id = input.organization_id
  ), ticket AS (
    INSERT INTO healthcare_tickets (id, organization_id, status, status_since, prescription_id, created_at, updated_at)
    SELECT ticket_id, organization_id, 'created', received_at, prescription_id, received_at, received_at FROM taken
    ${tickets.opened}
  )${tickets.linked}, prescription AS (
    INSERT INTO prescriptions (id, organization_id, ticket_id, patient_id, provider_id, path, service_level, state, state_since, source, sender, message_id,
      prescriber_order_number, drug_description, ndc, schedule, quantity, quantity_unit, days_supply, refills,
      written_date, metadata, received_at)
    SELECT prescription_id, organization_id, ticket_id, patient_id, provider_id, chosen_path, service_level, 'received', received_at, format, sender, message_id,
      prescriber_order_number, drug_description, ndc, schedule, quantity, quantity_unit, days_supply, refills,
      written_date, metadata, received_at
    FROM taken
  ), version AS (
    INSERT INTO prescription_versions (prescription_id, version, organization_id, order_sealed, created_at)
    SELECT prescription_id, 1, organization_id, substring($4 FROM order_from FOR order_for), received_at FROM taken
  ), history AS (
    INSERT INTO prescription_status_events (id, prescription_id, organization_id, action, to_state, version, actor_kind,
      actor_id, trigger, event, occurred_at, recorded_at)
    SELECT event_id, prescription_id, organization_id, 'receive', 'received', 1, actor_kind, actor_id, 'user', $3,
      received_at, received_at
    FROM taken
  ), audited AS (
    INSERT INTO audit_entries (id, organization_id, actor_kind, actor_id, actor_role, action, entity, entity_ids, outcome, reason,
      request_id, ip, occurred_at)
    SELECT audit_id, organization_id, caller_kind, actor_id::uuid, caller_role, 'write', 'prescription', ARRAY[prescription_id],
      'success', 'receive', request_id, ip, received_at
    FROM taken
  ), published AS (
    INSERT INTO outbox_events (id, event, subscriber, queue, aggregate_id, organization_id, payload, occurred_at, due_at,
      done_at)
    SELECT rows.id, $3, rows.subscriber, rows.queue, taken.prescription_id, taken.organization_id,
      jsonb_build_object('prescriptionId', taken.prescription_id, 'state', 'received'), taken.received_at, taken.received_at,
      CASE WHEN rows.subscriber = '' THEN taken.received_at END
    FROM taken JOIN json_to_recordset($2::json) AS rows(intake_id uuid, id uuid, subscriber text, queue text, variant text)
      ON rows.intake_id = taken.id
    WHERE ${isForSubscriber({ variant: 'taken.chosen_path', organization: 'taken.organization_id', event: '$3' })}
  )
  SELECT id FROM fresh`,
});

/** Each opens its own ticket, as by every door: what is nobody's ticket yet is looked up nowhere. */
export const foldedIntake = folded('intake_receive', { standing: '', admitted: '', path: '', opened: '', linked: '' });

export const foldedWithTickets = folded('intake_receive_with_tickets', {
  standing: `, standing AS (
    -- Locked before anything is written: a ticket that is being closed takes no prescription any more.
    SELECT t.id, t.path FROM healthcare_tickets t JOIN input ON input.saved_on_ticket AND t.id = input.ticket_id
    WHERE t.status NOT IN ('closed', 'cancelled') ORDER BY t.id FOR NO KEY UPDATE OF t
  )`,
  admitted: 'WHERE NOT saved_on_ticket OR ticket_id IN (SELECT id FROM standing)',
  path: '(SELECT standing.path FROM standing WHERE input.saved_on_ticket AND standing.id = input.ticket_id LIMIT 1),',
  opened: 'WHERE NOT saved_on_ticket',
  linked: `, linked AS (
    UPDATE healthcare_tickets t SET prescription_id = coalesce(t.prescription_id, taken.prescription_id),
      updated_at = taken.received_at
    FROM taken WHERE taken.saved_on_ticket AND t.id = taken.ticket_id
  )`,
});

export const keepMessage = `INSERT INTO intake_messages (id, organization_id, prescription_id, format, sender, dedupe_key,
    body_hash, raw_sealed, content_type, answer_status, answer_sealed, received_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  ON CONFLICT (organization_id, sender, dedupe_key) DO NOTHING
  RETURNING id`;
