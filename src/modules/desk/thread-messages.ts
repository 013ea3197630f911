import type { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import type { TimelineEntry } from '../prescriptions/index.js';

/** Far above what one thread collects; a bound all the same. */
const mostEntries = 2_000;

export function openText(keyring: Keyring, messageId: string, sealed: Buffer): string {
  return keyring.openText({ table: 'chat_messages', column: 'body_sealed', row: messageId }, sealed);
}

interface MessageRow {
  id: string;
  seq: number;
  audience: string;
  kind: string;
  party: string;
  author: string | null;
  code: string | null;
  blocks: boolean;
  answers: string | null;
  at: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
}

/** What was said, without a word of it; row-level security leaves out what the caller may not read. */
export async function messageEntries(tx: Tx, ticketId: string): Promise<TimelineEntry[]> {
  const rows = await tx.query<MessageRow>(
    `SELECT m.id, m.seq, m.audience, m.kind, m.author_party AS party, m.author_user_id AS author, m.code, m.blocks,
       m.answers, m.created_at AS at, m.edited_at AS "editedAt", m.deleted_at AS "deletedAt"
     FROM chat_messages m JOIN chat_threads t ON t.id = m.thread_id WHERE t.ticket_id = $1 ORDER BY m.seq LIMIT $2`,
    [ticketId, mostEntries],
  );
  return rows.flatMap((row) => [
    entry(row, codeOf(row), row.at),
    ...(row.editedAt === null ? [] : [entry(row, 'message.edited', row.editedAt)]),
    ...(row.deletedAt === null ? [] : [entry(row, 'message.deleted', row.deletedAt)]),
  ]);
}

function codeOf({ kind, blocks, answers }: MessageRow): string {
  if (kind === 'system') return 'message.noted';
  if (blocks) return 'message.asked';
  return answers === null ? 'message.sent' : 'message.answered';
}

function entry({ id, seq, audience, party, author, code, answers }: MessageRow, what: string, at: Date): TimelineEntry {
  return {
    at,
    recordedAt: at,
    kind: 'message',
    code: what,
    actor: { kind: party, id: author },
    cause: { trigger: party === 'system' ? 'worker' : 'user' },
    details: {
      messageId: id,
      seq,
      audience,
      ...(code !== null && { note: code }),
      ...(answers !== null && { answers }),
    },
  };
}
