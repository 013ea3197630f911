/**
 * Under row-level security the planner expects a fraction of the rows there are and would read whole tables for every batch.
 * Indexes lead to all that a batch needs.
 */
export const byIndex = `SELECT ${['jit', 'enable_seqscan', 'enable_sort', 'enable_hashjoin', 'enable_mergejoin']
  .map((name) => `set_config('${name}', 'off', true)`)
  .join(', ')}`;

const uuid = `'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'`;
const idOf = (text: string) => `CASE WHEN ${text} ~* ${uuid} THEN (${text})::uuid END`;

/** Ids after `$1`, of organization `$2` when given. The size is part of the text: the planner sees that few are wanted. */
const page = (table: string, condition: string, size: number) =>
  `SELECT t.id FROM ${table} t WHERE t.id > $1 AND ($2::uuid IS NULL OR t.organization_id = $2) AND ${condition}
   ORDER BY t.id LIMIT ${size}`;

const ownsPrescription = 'EXISTS (SELECT 1 FROM prescriptions p WHERE p.ticket_id = t.id)';
const hasThread = 'EXISTS (SELECT 1 FROM chat_threads c WHERE c.ticket_id = t.id)';
const hasMessages = 'EXISTS (SELECT 1 FROM chat_messages m WHERE m.thread_id = t.id)';

export const ticketsWithoutPrescription = (size: number) =>
  page('healthcare_tickets', `t.prescription_id IS NULL AND ${ownsPrescription}`, size);

/** A ticket of an intake that has no party yet is as it should be, and one of the batches before gets its thread there. */
export const ticketsWithoutThread = (size: number) =>
  page(
    'healthcare_tickets',
    `coalesce(t.primary_provider_id, t.secondary_provider_id, t.patient_id) IS NOT NULL AND NOT ${hasThread}
     AND NOT (t.prescription_id IS NULL AND ${ownsPrescription})`,
    size,
  );

/** Of several threads of one order the one in which something was said comes first. */
export const threadsWithMessages = (size: number) =>
  page('chat_threads', `t.ticket_id IS NULL AND ${hasMessages}`, size);
export const threadsWithoutMessages = (size: number) =>
  page('chat_threads', `t.ticket_id IS NULL AND NOT ${hasMessages}`, size);

/** Pharmacy and prescription of a ticket must not change under a decision; the same lock as a move of its prescription. */
export const lockTickets = `SELECT id FROM healthcare_tickets WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`;
/** Stronger than numbering a message: nobody says anything in a thread that is about to be replaced. */
export const lockThreads = `SELECT id FROM chat_threads WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`;

/** The first one received, as when a doctor saves several. The schema's trigger makes thread and members follow. */
export const linkPrescriptions = `WITH named AS (
    SELECT DISTINCT ON (p.ticket_id) p.ticket_id, p.id FROM prescriptions p WHERE p.ticket_id = ANY($1::uuid[])
    ORDER BY p.ticket_id, p.received_at, p.id
  ), linked AS (
    UPDATE healthcare_tickets t SET prescription_id = named.id, updated_at = $3 FROM named
    WHERE t.id = named.ticket_id AND t.prescription_id IS NULL
    RETURNING t.id, t.organization_id, t.prescription_id
  ), told AS (
    INSERT INTO ticket_events (id, ticket_id, organization_id, code, actor_kind, trigger, reason, details, occurred_at, recorded_at)
    SELECT event.id, linked.id, linked.organization_id, 'ticket.prescription-linked', 'system', 'reconciler', 'backfill',
      jsonb_build_object('prescriptionId', linked.prescription_id), $3, $3
    FROM linked JOIN unnest($1::uuid[], $2::uuid[]) AS event(ticket_id, id) ON event.ticket_id = linked.id
  )
  SELECT count(*)::int AS count FROM linked`;

/** What a thread and its members are is said once, in the schema. */
export const makeThreads = `WITH made AS MATERIALIZED (
    SELECT keep_ticket_thread(t) FROM healthcare_tickets t WHERE t.id = ANY($1::uuid[]) AND NOT ${hasThread}
  )
  SELECT count(*)::int AS count FROM made`;

/** One row per thread of `$1` that is still without a ticket: `thread-linked`, or the reason why not. */
export const decide = `WITH legacy AS MATERIALIZED (
    SELECT t.id, t.organization_id, btrim(coalesce(t.order_id, '')) AS named,
      lower(btrim(t.metadata ->> 'target_id')) AS target,
      ${idOf('btrim(t.order_id)')} AS by_order, ${idOf(`btrim(t.metadata ->> 'prescription_id')`)} AS by_metadata
    FROM chat_threads t WHERE t.id = ANY($1::uuid[]) AND t.ticket_id IS NULL
  ), found AS MATERIALIZED (
    SELECT legacy.*, coalesce(o.id, m.id) AS prescription_id, coalesce(o.ticket_id, m.ticket_id) AS ticket_id,
      coalesce(o.organization_id, m.organization_id) AS owner,
      o.id IS NOT NULL AND by_metadata <> by_order AND m.ticket_id IS DISTINCT FROM o.ticket_id AS contradicts
    FROM legacy
    LEFT JOIN prescriptions o ON o.id = by_order
    LEFT JOIN prescriptions m ON m.id = by_metadata
  ), judged AS (
    SELECT found.id, found.organization_id, found.ticket_id, found.prescription_id, CASE
      WHEN coalesce(by_order, by_metadata) IS NULL AND named = '' THEN 'no-order'
      WHEN coalesce(by_order, by_metadata) IS NULL THEN 'order-not-an-id'
      WHEN found.prescription_id IS NULL THEN 'order-unknown'
      WHEN contradicts THEN 'ambiguous'
      WHEN owner <> found.organization_id THEN 'other-organization'
      WHEN coalesce(target, '') = '' THEN 'target-missing'
      WHEN target IS DISTINCT FROM k.secondary_provider_id::text THEN 'other-pharmacy'
      WHEN EXISTS (SELECT 1 FROM chat_members m WHERE m.thread_id = found.id AND m.left_at IS NULL AND (
          m.party = 'doctor' AND m.party_id IS DISTINCT FROM k.primary_provider_id
          OR m.party = 'patient' AND m.party_id IS DISTINCT FROM k.patient_id)) THEN 'other-party'
      WHEN k.sent_at IS NULL THEN 'not-sent'
      WHEN made.id <> made.ticket_id
        OR EXISTS (SELECT 1 FROM chat_messages s WHERE s.thread_id = made.id)
        OR EXISTS (SELECT 1 FROM chat_attachments a WHERE a.thread_id = made.id) THEN 'ticket-has-thread'
      ELSE 'thread-linked' END AS outcome
    FROM found
    LEFT JOIN LATERAL (SELECT * FROM healthcare_tickets t WHERE t.id = found.ticket_id LIMIT 1) AS k ON true
    LEFT JOIN LATERAL (SELECT * FROM chat_threads t WHERE t.ticket_id = found.ticket_id LIMIT 1) AS made ON true
  )
  SELECT id AS "threadId", organization_id AS "organizationId", ticket_id AS "ticketId", prescription_id AS "prescriptionId",
    CASE WHEN outcome = 'thread-linked' AND row_number() OVER (PARTITION BY ticket_id, outcome ORDER BY id) > 1
      THEN 'ticket-has-thread' ELSE outcome END AS outcome
  FROM judged ORDER BY id`;

const links = `unnest($1::uuid[], $2::uuid[]) AS link(thread_id, ticket_id)`;

/** Who takes part, since when, and who left, moves over from the thread the ticket had made for itself. */
export const carryMembers = `INSERT INTO chat_members (thread_id, organization_id, party, party_id, joined_at, left_at)
  SELECT link.thread_id, m.organization_id, m.party, m.party_id, m.joined_at, m.left_at
  FROM ${links} JOIN chat_members m ON m.thread_id = link.ticket_id
  ON CONFLICT (thread_id, party, party_id) DO UPDATE SET left_at = EXCLUDED.left_at`;

/** Nothing was said there: who had read so far has read nothing. */
export const dropReads = 'DELETE FROM chat_reads WHERE thread_id = ANY($1::uuid[])';
export const dropMembers = 'DELETE FROM chat_members WHERE thread_id = ANY($1::uuid[])';

/**
 * The row the ticket had made goes, and the one of the older system takes its place under its own id. What it says of itself
 * stays; the number of its last message is the one the next must follow.
 */
export const replaceThreads = `WITH gone AS (
    DELETE FROM chat_threads made USING ${links} WHERE made.id = link.ticket_id AND made.ticket_id = made.id
    RETURNING made.ticket_id, made.order_id, made.order_type, made.title, made.metadata
  ), linked AS (
    UPDATE chat_threads t SET ticket_id = gone.ticket_id, order_id = coalesce(t.order_id, gone.order_id),
      order_type = coalesce(t.order_type, gone.order_type), title = coalesce(t.title, gone.title),
      metadata = t.metadata || gone.metadata || jsonb_build_object('prescription_id', named.prescription_id),
      last_seq = greatest(t.last_seq, last.seq), last_message_at = greatest(t.last_message_at, last.created_at), updated_at = $5
    FROM gone JOIN unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) AS named(thread_id, ticket_id, prescription_id, event_id)
      ON named.ticket_id = gone.ticket_id
    LEFT JOIN LATERAL (
      SELECT m.seq, m.created_at FROM chat_messages m WHERE m.thread_id = named.thread_id ORDER BY m.seq DESC LIMIT 1
    ) AS last ON true
    WHERE t.id = named.thread_id
    RETURNING t.id, t.ticket_id, t.organization_id, named.event_id
  ), told AS (
    INSERT INTO ticket_events (id, ticket_id, organization_id, code, actor_kind, trigger, reason, details, occurred_at, recorded_at)
    SELECT event_id, ticket_id, organization_id, 'ticket.thread-linked', 'system', 'reconciler', 'backfill',
      jsonb_build_object('threadId', id), $5, $5
    FROM linked
  )
  SELECT count(*)::int AS count FROM linked`;
