import type { Tx } from '../../platform/db/index.js';
import type { Party } from '../tickets/index.js';
import type { Audience } from './message.entity.js';

/**
 * How many messages of a thread a user has not read: those row-level security shows to the caller, without deleted ones
 * and the user's own. A scalar for the SELECT list of any query in the caller's context.
 * The coalesce stands inside: compared with one, PostgreSQL takes the comparison for one that may leak, and reads the whole thread
 * past row-level security before it compares.
 * @param thread SQL for the thread's id, such as `t.id` @param user SQL for the user's id, such as `$3::uuid`
 */
export function unreadCountSql(thread: string, user: string): string {
  return `(SELECT count(*)::int FROM chat_messages unread WHERE unread.thread_id = ${thread} AND unread.deleted_at IS NULL
    AND unread.author_user_id IS DISTINCT FROM ${user}
    AND unread.seq > (SELECT coalesce(max(r.last_read_seq), 0) FROM chat_reads r WHERE r.thread_id = ${thread} AND r.user_id = ${user}))`;
}

/** What was said when, without a word of it. */
export interface MessageEntry {
  at: Date;
  code: 'message.sent' | 'message.edited' | 'message.deleted';
  actor: { kind: Party | 'system'; id: string | null };
  details: {
    messageId: string;
    seq: number;
    audience: Audience;
    kind: 'text' | 'system';
    /** Of a system note. */
    note: string | null;
  };
}

interface EntryRow extends Omit<MessageEntry, 'actor' | 'details'> {
  party: Party | 'system';
  actorId: string | null;
  messageId: string;
  seq: number;
  audience: Audience;
  kind: 'text' | 'system';
  note: string | null;
}

/** Messages and their changes for a timeline, oldest first; of those the caller may see. */
export async function messageEntries(tx: Tx, threadId: string): Promise<MessageEntry[]> {
  const rows = await tx.query<EntryRow>(
    `SELECT said.at, said.code, m.author_party AS party, said.actor_id AS "actorId", m.id AS "messageId", m.seq,
       m.audience, m.kind, m.code AS note
     FROM chat_messages m CROSS JOIN LATERAL (
       SELECT m.created_at AS at, 'message.sent' AS code, coalesce(m.author_user_id, m.author_party_id) AS actor_id, 0 AS version
       UNION ALL
       SELECT v.changed_at, 'message.' || v.change, v.changed_by, v.version
       FROM chat_message_versions v WHERE v.message_id = m.id
     ) said
     WHERE m.thread_id = $1 ORDER BY said.at, m.seq, said.version`,
    [threadId],
  );
  return rows.map(({ at, code, party, actorId, ...details }) => ({
    at,
    code,
    actor: { kind: party, id: actorId },
    details,
  }));
}
