import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database } from '../../platform/db/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import type { Party } from '../tickets/index.js';
import { MessagesStore } from './messages.store.js';
import { personOf } from './sender.js';
import { fail } from './threads.errors.js';
import { unreadCountSql } from './threads.sql.js';

export interface Receipt {
  lastReadSeq: number;
  unread: number;
}

export interface Reader {
  party: Party;
  userId: string;
  lastReadSeq: number;
  readAt: Date;
}

/** Who has read how far. */
@Injectable()
export class Reads {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly audit: Audit,
    private readonly messages: MessagesStore,
  ) {}

  /** Never backwards, and never beyond what was said to the reader. @throws thread.not-found, thread.person-required */
  read(principal: Principal, threadId: string, upTo: number): Promise<Receipt> {
    const { userId, party } = personOf(principal);
    return this.db.tx(contextOf(principal), async (tx) => {
      if ((await this.messages.thread(tx, threadId)) === undefined) throw fail('thread.not-found');
      const [noted] = await tx.query<{ lastReadSeq: number }>(
        `INSERT INTO chat_reads AS r (thread_id, user_id, organization_id, party, last_read_seq, read_at)
         SELECT t.id, $2, t.organization_id, $3,
           coalesce((SELECT max(m.seq) FROM chat_messages m WHERE m.thread_id = t.id AND m.seq <= $4::bigint), 0), $5
         FROM chat_threads t WHERE t.id = $1
         ON CONFLICT (thread_id, user_id) DO UPDATE SET last_read_seq = greatest(r.last_read_seq, EXCLUDED.last_read_seq),
           read_at = CASE WHEN EXCLUDED.last_read_seq > r.last_read_seq THEN EXCLUDED.read_at ELSE r.read_at END
         RETURNING r.last_read_seq AS "lastReadSeq"`,
        [threadId, userId, party, upTo, this.clock.now()],
      );
      if (noted === undefined) throw fail('thread.not-found');
      const left = await tx.one<{ unread: number }>(`SELECT ${unreadCountSql('$1::uuid', '$2::uuid')} AS unread`, [
        threadId,
        userId,
      ]);
      return { ...noted, unread: left?.unread ?? 0 };
    });
  }

  /** As far as the caller sees: a receipt for what is hidden counts as one for what stands before it. @throws thread.not-found */
  readers(principal: Principal, threadId: string): Promise<Reader[]> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const [thread, readers] = await Promise.all([
        this.messages.thread(tx, threadId),
        tx.query<Reader>(
          `SELECT r.party, r.user_id AS "userId", seen.seq AS "lastReadSeq", r.read_at AS "readAt"
           FROM chat_reads r CROSS JOIN LATERAL (
             SELECT max(m.seq) AS seq FROM chat_messages m WHERE m.thread_id = r.thread_id AND m.seq <= r.last_read_seq
           ) seen
           WHERE r.thread_id = $1 AND seen.seq IS NOT NULL ORDER BY r.party, r.user_id`,
          [threadId],
        ),
      ]);
      if (thread === undefined) throw fail('thread.not-found');
      await this.audit.record(tx, { action: 'read', entity: 'thread_reads', entityIds: [threadId] });
      return readers;
    });
  }
}
