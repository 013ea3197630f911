import type { Statement, Tx } from '../../platform/db/index.js';
import type { Party } from './thread.entity.js';

/** A question somebody asked on a ticket, which stops the pharmacy's work until it is answered. */
export interface OpenQuestion {
  messageId: string;
  /** Who must answer. */
  awaits: Party;
  since: Date;
}

/** The platform's own questions stop the step that asks them, not the pharmacy. */
const findOpen: Statement = {
  name: 'threads_open_question',
  text: `SELECT m.id AS "messageId", m.awaits, m.created_at AS since
    FROM chat_threads t JOIN chat_messages m ON m.thread_id = t.id
    WHERE t.ticket_id = $1 AND m.blocks AND m.kind = 'text' AND m.answered_at IS NULL AND m.deleted_at IS NULL
    ORDER BY m.seq LIMIT 1`,
};

/** The one that waits longest, of those the caller may know of. */
export async function openQuestionOf(tx: Tx, ticketId: string): Promise<OpenQuestion | undefined> {
  return (await tx.run<OpenQuestion & Record<string, unknown>>(findOpen, [ticketId]))[0];
}
