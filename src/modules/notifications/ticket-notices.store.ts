import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { anyOf, Database, fold, systemContext, unnested, type Statement, type Tx } from '../../platform/db/index.js';
import { TryLater } from '../../platform/jobs/index.js';
import type { Notification } from './notification.entity.js';
import type { RecipientKind, SuppressionReason, TicketEvent } from './notification.words.js';
import type { ThreadReader } from './ticket-notices.policy.js';

/** Who hears of messages outside of the thread. */
export type ThreadReaderKind = Extract<RecipientKind, 'patient' | 'ops'>;

/** What was said while the ticket was somebody else's is not read by who came later. */
const isSaidTo = (patient: string) => `NOT EXISTS (SELECT 1 FROM chat_members f
    WHERE f.thread_id = m.thread_id AND f.party = 'patient' AND f.joined_at <= m.created_at AND f.left_at >= m.created_at
      AND f.party_id <> ${patient})`;

/** The platform asks for operations, who go on with what others answer. */
const answersPlatform = `(m.author_party <> 'ops'
    AND EXISTS (SELECT 1 FROM chat_messages q WHERE q.id = m.answers AND q.kind = 'system'))`;

/** What of the messages `m` of a thread concerns them. */
const concerns: Readonly<Record<ThreadReaderKind, (patient: string) => string>> = {
  patient: (patient) => `m.audience = 'all' AND m.author_party <> 'patient' AND ${isSaidTo(patient)}`,
  ops: () => `(m.author_party = 'patient' OR m.awaits = 'ops' OR ${answersPlatform})`,
};
/** People said it, and it still stands. */
const isSaid = `m.kind = 'text' AND m.deleted_at IS NULL`;
const concernsReader = (kind: string, patient: string) =>
  `CASE ${kind} ${Object.entries(concerns)
    .map(([reader, concern]) => `WHEN '${reader}' THEN ${concern(patient)}`)
    .join(' ')} END`;

/** How far a side has read: whoever of it answers has read what stands before the answer. */
const readSeq = (thread: string, party: string) => `greatest(0,
    (SELECT max(r.last_read_seq) FROM chat_reads r WHERE r.thread_id = ${thread} AND r.party = ${party}),
    (SELECT max(own.seq) FROM chat_messages own WHERE own.thread_id = ${thread} AND own.author_party = ${party}))`;

export interface ConcernedReader extends ThreadReader {
  kind: ThreadReaderKind;
  /** Of the first message nobody of them has read or was told of. */
  firstSeq: number;
  ticketId: string;
  organizationId: string;
  patientId: string | null;
  prescriptionId: string | null;
}

interface ConcernedRow extends Omit<ConcernedReader, 'former'> {
  formerSeq: number | null;
  formerAt: Date;
  isPending: boolean;
  isSent: boolean;
  isInVain: boolean;
}

/** Of a pending row `n` about ticket `k`: it has time left, and its job was not given up without being redriven. */
const mayGoOut = `n.expires_at > $2 AND NOT EXISTS (SELECT 1 FROM dead_letters d JOIN outbox_events o ON o.id = d.outbox_id
    WHERE d.aggregate_id = k.id AND d.redriven_at IS NULL AND o.payload ->> 'notificationId' = n.id::text)`;

/**
 * Whom a message concerns who has neither read it nor been told of one behind it. A notice is several rows, one per channel or
 * person, that tell of the same first message.
 */
const findConcerned: Statement = {
  name: 'notices_concerned',
  text: `SELECT reader.kind, first.seq AS "firstSeq", k.id AS "ticketId", k.organization_id AS "organizationId",
      k.patient_id AS "patientId", k.prescription_id AS "prescriptionId", read.seq AS "readSeq", former.*
    FROM chat_messages told JOIN chat_threads t ON t.id = told.thread_id JOIN healthcare_tickets k ON k.id = t.ticket_id
    CROSS JOIN unnest(ARRAY['${Object.keys(concerns).join(`', '`)}']) AS reader(kind)
    CROSS JOIN LATERAL (SELECT ${readSeq('t.id', 'reader.kind')} AS seq) read
    LEFT JOIN LATERAL (
      SELECT n.thread_seq AS "formerSeq", max(n.created_at) AS "formerAt",
        bool_or(waits.may_go_out) AS "isPending",
        bool_or(n.status IN ('sent', 'delivered')) AS "isSent",
        bool_and(CASE n.status WHEN 'failed' THEN true WHEN 'suppressed' THEN n.suppressed_reason <> 'read'
          WHEN 'pending' THEN NOT waits.may_go_out ELSE false END) AS "isInVain"
      FROM notifications n
      CROSS JOIN LATERAL (SELECT n.status = 'pending' AND ${mayGoOut} AS may_go_out) waits
      WHERE n.ticket_id = k.id AND n.recipient_kind = reader.kind AND n.thread_seq IS NOT NULL
        AND (n.patient_id = k.patient_id) IS NOT FALSE
      GROUP BY n.thread_seq ORDER BY n.thread_seq DESC LIMIT 1
    ) former ON true
    CROSS JOIN LATERAL (
      SELECT min(m.seq) AS seq, bool_or(m.id = told.id) AS is_among FROM chat_messages m
      WHERE m.thread_id = t.id AND m.seq > greatest(read.seq, former."formerSeq") AND m.seq <= told.seq
        AND ${isSaid} AND ${concernsReader('reader.kind', 'k.patient_id')}
    ) first
    WHERE told.id = $1 AND first.is_among`,
};

const isUnread = `EXISTS (SELECT 1 FROM chat_threads t JOIN chat_messages m ON m.thread_id = t.id
  WHERE t.ticket_id = n.ticket_id AND m.seq > ${readSeq('t.id', 'n.recipient_kind')}
    AND ${isSaid} AND ${concernsReader('n.recipient_kind', 'n.patient_id')})`;

/** What must still hold of a message `n` about ticket `k` for it to be sent, and what is said when it does not. */
const conditions: Readonly<Record<TicketEvent, { holds: string; otherwise: SuppressionReason }>> = {
  message_posted: { holds: isUnread, otherwise: 'read' },
  ticket_escalated: { holds: 'k.escalated_at IS NOT NULL', otherwise: 'superseded' },
  support_requested: { holds: `k.status NOT IN ('closed', 'cancelled')`, otherwise: 'superseded' },
  ticket_sent: {
    holds: `k.secondary_provider_id = n.pharmacy_id AND k.status NOT IN ('closed', 'cancelled')`,
    otherwise: 'superseded',
  },
};

/** A later notice to the same reader stands in for one that was given up, and may have been redriven with it. */
const isOvertaken = `EXISTS (SELECT 1 FROM notifications later
    WHERE later.ticket_id = n.ticket_id AND later.recipient_kind = n.recipient_kind AND later.thread_seq > n.thread_seq
      AND later.channel = n.channel AND later.status IN ('pending', 'sent', 'delivered')
      AND (later.patient_id, later.user_id) IS NOT DISTINCT FROM (n.patient_id, n.user_id))`;

/** Until it is known again whose ticket it is: of most orders within seconds, of others once a person has looked. */
const patientKnownMs = 5 * 60_000;

/**
 * Whoever may not sign in any more is not written to either, nor a patient whose ticket it is no more. An order that came in
 * again is nobody's until it is read, and most often the same patient's after.
 */
const findObstacle: Statement = {
  name: 'notices_obstacle',
  text: `SELECT CASE
      WHEN EXISTS (SELECT 1 FROM users u WHERE u.id = n.user_id AND u.disabled_at IS NOT NULL) THEN 'superseded'
      WHEN n.patient_id <> k.patient_id AND n.recipient_kind = 'patient' THEN 'superseded'
      WHEN ${isOvertaken} THEN 'superseded'
      ${Object.entries(conditions)
        .map(([event, { holds, otherwise }]) => `WHEN n.event = '${event}' AND NOT (${holds}) THEN '${otherwise}'`)
        .join('\n      ')}
    END AS obstacle, n.recipient_kind = 'patient' AND k.patient_id IS NULL AS "isNobodys"
    FROM notifications n JOIN healthcare_tickets k ON k.id = n.ticket_id WHERE n.id = $1`,
};

/** Somebody with an account, by the address it is signed in with. */
export interface StaffReader {
  userId: string;
  email: string;
}

export interface PharmacyReader extends StaffReader {
  ticketId: string;
  organizationId: string;
  pharmacyId: string;
  /** The change that brought the ticket to them; null: it has been theirs from the first. */
  changeId: string | null;
}

/** What a job names; of which outbox row it is. */
export interface SentNews {
  outboxId: string;
  prescriptionId: string | undefined;
  ticketId: string | undefined;
}

/**
 * Who of the pharmacies is to hear of tickets that were sent to them and has not yet, and the end of the jobs nobody is to hear
 * of: most pharmacies work in systems of their own. A pharmacy that had lost a ticket and gets it back hears of it again.
 */
const findPharmacyReaders: Statement = {
  name: 'notices_pharmacy_readers',
  text: `WITH news AS (
      SELECT * FROM ${unnested(1, 'uuid', 'uuid', 'uuid')} AS n(outbox_id, prescription_id, ticket_id)
    ), readers AS (
      SELECT news.outbox_id AS "outboxId", k.id AS "ticketId", k.organization_id AS "organizationId",
        u.pharmacy_id AS "pharmacyId", u.id AS "userId", u.email,
        change.id AS "changeId"
      FROM news LEFT JOIN prescriptions p ON p.id = news.prescription_id
      JOIN healthcare_tickets k ON k.id = coalesce(news.ticket_id, p.ticket_id)
      JOIN users u ON u.pharmacy_id = k.secondary_provider_id AND u.organization_id = k.organization_id
      LEFT JOIN LATERAL (
        SELECT e.id, e.recorded_at FROM ticket_events e
        WHERE e.ticket_id = k.id AND e.code = 'ticket.pharmacy-changed' AND e.details ->> 'to' = u.pharmacy_id::text
        ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1
      ) change ON true
      WHERE k.sent_at IS NOT NULL AND k.status NOT IN ('closed', 'cancelled') AND u.role = 'pharmacy' AND u.disabled_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM notifications n
          WHERE n.ticket_id = k.id AND n.recipient_kind = 'pharmacy' AND n.pharmacy_id = u.pharmacy_id AND n.user_id = u.id
            AND (n.created_at < change.recorded_at) IS NOT TRUE)
    ), ended AS (
      UPDATE outbox_events SET done_at = $4
      WHERE id = ${anyOf(1, 'uuid')} AND done_at IS NULL AND id NOT IN (SELECT "outboxId" FROM readers)
    )
    SELECT * FROM readers`,
};

/** What tickets, threads and accounts know of who is to be told. */
@Injectable()
export class TicketNoticesStore {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** Whom a message concerns that they do not know of yet. */
  async concerned(tx: Tx, messageId: string): Promise<ConcernedReader[]> {
    const rows = await tx.run<ConcernedRow>(findConcerned, [messageId, this.clock.now()]);
    return rows.map(({ formerSeq, formerAt, isPending, isSent, isInVain, ...reader }) => ({
      ...reader,
      former: formerSeq === null ? undefined : { seq: formerSeq, at: formerAt, isPending, isSent, isInVain },
    }));
  }

  /** Why a message about a ticket is not sent any more. @throws TryLater `notification.patient-unknown` while the ticket has none */
  async obstacle(tx: Tx, { id }: Notification): Promise<SuppressionReason | undefined> {
    const [row] = await tx.run<{ obstacle: SuppressionReason | null; isNobodys: boolean }>(findObstacle, [id]);
    if (row?.obstacle === null && row.isNobodys) throw new TryLater('notification.patient-unknown', patientKnownMs);
    return row?.obstacle ?? undefined;
  }

  operations(tx: Tx, organizationId: string): Promise<StaffReader[]> {
    return tx.query<StaffReader>(
      `SELECT id AS "userId", email FROM users WHERE organization_id = $1 AND role = 'ops' AND disabled_at IS NULL ORDER BY id`,
      [organizationId],
    );
  }

  /** Whether a patient can sign in. */
  async hasAccount(tx: Tx, organizationId: string, patientId: string): Promise<boolean> {
    const account = await tx.one(
      `SELECT 1 FROM users WHERE organization_id = $1 AND patient_id = $2 AND role = 'patient' AND disabled_at IS NULL LIMIT 1`,
      [organizationId, patientId],
    );
    return account !== undefined;
  }

  async organizationOf(tx: Tx, ticketId: string): Promise<string | undefined> {
    const row = await tx.one<{ id: string }>('SELECT organization_id AS id FROM healthcare_tickets WHERE id = $1', [
      ticketId,
    ]);
    return row?.id;
  }

  /** A job for which nobody is found has been ended. */
  readonly pharmacyReaders = fold<SentNews, PharmacyReader[]>(
    async (news) => {
      const rows = await this.db.query<PharmacyReader & { outboxId: string }>(systemContext, findPharmacyReaders, [
        news.map(({ outboxId }) => outboxId),
        news.map(({ prescriptionId }) => prescriptionId ?? null),
        news.map(({ ticketId }) => ticketId ?? null),
        this.clock.now(),
      ]);
      return news.map((one) => rows.filter(({ outboxId }) => outboxId === one.outboxId));
    },
    { mostItems: 64, mostBatches: 2 },
  );
}
