import type { Statement, Tx } from '../../platform/db/index.js';
import type { Party } from './thread.entity.js';

/** A question somebody asked on a ticket, which stops the pharmacy's work until it is answered. */
export interface OpenQuestion {
  messageId: string;
  /** Who must answer. */
  awaits: Party;
  since: Date;
}

/**
 * Of a question `m` on the ticket `ticket`. An ended ticket takes no answer, and a patient whose ticket it is no more neither
 * sees the question nor may answer it; nor may the patient who came after, to whom it was not put. Who came back has not left.
 */
export const canBeAnswered = (ticket: string) => `${ticket}.status NOT IN ('closed', 'cancelled')
      AND NOT (m.awaits = 'patient' AND EXISTS (SELECT 1 FROM chat_members f WHERE f.thread_id = m.thread_id
        AND f.party = 'patient' AND f.joined_at <= m.created_at AND f.left_at >= m.created_at))`;

/** The platform's own questions stop the step that asks them, not the pharmacy. */
const findOpen: Statement = {
  name: 'threads_open_question',
  text: `SELECT m.id AS "messageId", m.awaits, m.created_at AS since
    FROM healthcare_tickets k JOIN chat_threads t ON t.ticket_id = k.id JOIN chat_messages m ON m.thread_id = t.id
    WHERE k.id = $1 AND m.blocks AND m.kind = 'text' AND m.answered_at IS NULL AND m.deleted_at IS NULL
      AND ${canBeAnswered('k')}
    ORDER BY m.seq LIMIT 1`,
};

/** The one that waits longest, of those the caller may know of. */
export async function openQuestionOf(tx: Tx, ticketId: string): Promise<OpenQuestion | undefined> {
  return (await tx.run<OpenQuestion & Record<string, unknown>>(findOpen, [ticketId]))[0];
}

/** What the platform asked about a prescription. */
export interface PlatformQuestion {
  /** Somebody said so, and it stands; one that is closed because its prescription went on without is not. */
  isAnswered: boolean;
}

const findAsked: Statement = {
  name: 'threads_platform_question',
  text: `SELECT EXISTS (SELECT 1 FROM chat_messages a
        WHERE a.thread_id = m.thread_id AND a.answers = m.id AND a.deleted_at IS NULL) AS "isAnswered"
    FROM chat_threads t JOIN chat_messages m ON m.thread_id = t.id
    WHERE t.ticket_id = $1 AND m.prescription_id = $2 AND m.created_at >= $3 AND m.kind = 'system' AND m.blocks
    ORDER BY m.seq DESC LIMIT 1`,
};

/** The latest since then, if the caller may know of it. */
export async function platformQuestionOf(
  tx: Tx,
  { ticketId, id }: { ticketId: string; id: string },
  since: Date,
): Promise<PlatformQuestion | undefined> {
  return (await tx.run<PlatformQuestion & Record<string, unknown>>(findAsked, [ticketId, id, since]))[0];
}
