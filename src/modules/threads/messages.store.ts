import { Injectable } from '@nestjs/common';
import type { Statement, Tx } from '../../platform/db/index.js';
import { isSeenBy, type Owned } from '../auth/index.js';
import type { Party, TicketStatus } from '../tickets/index.js';
import type { Message } from './message.entity.js';
import { isForReader } from './audience.policy.js';
import type { Draft, Question } from './message.policy.js';
import type { Sender } from './sender.js';

export interface AttachmentRow {
  id: string;
  mediaType: string;
  sizeBytes: number;
  /** Base64. */
  nameSealed: string;
}

export type MessageRow = Omit<Message, 'organizationId' | 'clientMessageId' | 'requestHash'> & {
  /** Absent where there cannot be any, null where there are none. */
  attachments?: readonly AttachmentRow[] | null;
};

const columns = `m.id, m.thread_id AS "threadId", m.seq, m.revision, m.audience, m.kind, m.author_party AS "authorParty",
  m.author_party_id AS "authorPartyId", m.author_user_id AS "authorUserId", m.body_sealed AS "bodySealed", m.code,
  m.status_ref AS "statusRef", m.blocks, m.awaits, m.answers, m.answered_at AS "answeredAt", m.created_at AS "createdAt",
  m.edited_at AS "editedAt", m.deleted_at AS "deletedAt"`;

const attachments = `CASE WHEN m.deleted_at IS NULL THEN (
    SELECT jsonb_agg(jsonb_build_object('id', a.id, 'mediaType', a.media_type, 'sizeBytes', a.size_bytes,
      'nameSealed', encode(a.name_sealed, 'base64')) ORDER BY a.id)
    FROM chat_attachments a WHERE a.message_id = m.id) END AS attachments`;

/** With its parties: those of its ticket, the pharmacy from `sent` on; without a ticket the pharmacy it was opened with. */
export interface ThreadRow extends Required<Owned> {
  id: string;
  organizationId: string;
  lastSeq: number;
  lastRevision: number;
  updatedAt: Date;
  /** Of its ticket; null for a thread of the older system that belongs to none yet. */
  status: TicketStatus | null;
  isOpenToAll: boolean;
}

const findThread: Statement = {
  name: 'threads_find',
  text: `SELECT t.id, t.organization_id AS "organizationId", t.last_seq AS "lastSeq", t.last_revision AS "lastRevision",
      t.updated_at AS "updatedAt", k.status,
      coalesce(k.sent_at IS NOT NULL OR (k.ticket_type <> 'prescription' AND k.secondary_provider_id IS NULL), false) AS "isOpenToAll",
      k.primary_provider_id AS "providerId", k.patient_id AS "patientId",
      CASE WHEN t.ticket_id IS NULL THEN lower(btrim(t.metadata ->> 'target_id'))
        WHEN k.sent_at IS NOT NULL THEN k.secondary_provider_id::text END AS "pharmacyId"
    FROM chat_threads t LEFT JOIN healthcare_tickets k ON k.id = t.ticket_id WHERE t.id = $1`,
};

const findParties: Statement = {
  name: 'threads_parties',
  text: `SELECT party FROM chat_members WHERE thread_id = $1 AND left_at IS NULL`,
};

const findSent: Statement = {
  name: 'threads_sent',
  text: `SELECT m.id, m.request_hash AS "requestHash" FROM chat_messages m
    WHERE m.thread_id = $1 AND m.client_message_id = $2 AND m.author_party = $3
      AND coalesce(m.author_user_id, m.author_party_id, '00000000-0000-0000-0000-000000000000') = $4`,
};

/** By its id alone: the planner would rather read the whole thread than compare two columns of one row. */
const findQuestion: Statement = {
  name: 'threads_question',
  text: `SELECT m.thread_id AS "threadId", m.blocks, m.awaits, m.kind = 'system' AS "isOfPlatform",
      m.answered_at IS NOT NULL AS "isAnswered", m.deleted_at IS NOT NULL AS "isDeleted"
    FROM chat_messages m WHERE m.id = $1`,
};

export interface NewMessage extends Draft, Sender {
  id: string;
  threadId: string;
  bodySealed: Buffer;
  statusRef: string | undefined;
  clientMessageId: string | undefined;
  requestHash: string;
  now: Date;
}

/**
 * The thread's row lock numbers the messages in the order of their commits. An answer also changes its question, and finds
 * no number when somebody else answered first.
 */
const insertMessage: Statement = {
  name: 'threads_send',
  text: `WITH thread AS (
      UPDATE chat_threads SET last_seq = last_seq + 1, last_message_at = $16, updated_at = $16,
        last_revision = last_revision + CASE WHEN $15::uuid IS NULL THEN 1 ELSE 2 END
      WHERE id = $2 RETURNING id, organization_id, last_seq, last_revision
    ), answered AS (
      UPDATE chat_messages q SET answered_at = $16, revision = thread.last_revision - 1 FROM thread
      WHERE q.id = $15 AND q.thread_id = thread.id AND q.answered_at IS NULL AND q.deleted_at IS NULL RETURNING q.id
    )
    INSERT INTO chat_messages AS m (id, thread_id, organization_id, seq, revision, audience, kind, author_party,
      author_party_id, author_user_id, body_sealed, code, status_ref, client_message_id, request_hash, blocks, awaits,
      answers, created_at)
    SELECT $1, thread.id, thread.organization_id, thread.last_seq, thread.last_revision, $3, $4, $5, $6::uuid, $7::uuid, $8,
      $9, $10, $11, $12, $13, $14, $15, $16
    FROM thread WHERE $15::uuid IS NULL OR EXISTS (SELECT 1 FROM answered)
    RETURNING ${columns}`,
};

const biggest = '9223372036854775807';

const pageOfMessages: Statement = {
  name: 'threads_page',
  text: `SELECT ${columns}, ${attachments} FROM chat_messages m
    WHERE m.thread_id = $1 AND m.seq < coalesce($2, ${biggest}) AND m.seq > coalesce($3, 0)
    ORDER BY m.seq DESC LIMIT $4`,
};

const changesSince: Statement = {
  name: 'threads_changes',
  text: `SELECT ${columns}, ${attachments} FROM chat_messages m WHERE m.thread_id = $1 AND m.revision > $2
    ORDER BY m.revision LIMIT $3`,
};

/** As with `findQuestion`. */
const findMessage: Statement = {
  name: 'threads_message',
  text: `SELECT ${columns}, ${attachments} FROM chat_messages m WHERE m.id = $1`,
};

/** The lock comes first and alone: the statement behind it must see what the change before it left. */
const lockForChange: Statement = {
  name: 'threads_lock_change',
  text: `UPDATE chat_threads SET last_revision = last_revision + CASE WHEN $3::uuid IS NULL THEN 1 ELSE 2 END, updated_at = $2
    WHERE id = $1`,
};

/**
 * What it said goes to the versions as it is: sealed for its place in the message. A question has one answer at a time, so
 * it is open again when that is gone.
 */
const changeMessage: Statement = {
  name: 'threads_change',
  text: `WITH former AS (
      INSERT INTO chat_message_versions (message_id, version, organization_id, body_sealed, change, changed_by, changed_at)
      SELECT m.id, 1 + (SELECT count(*) FROM chat_message_versions v WHERE v.message_id = m.id), m.organization_id,
        m.body_sealed, $3, $4::uuid, $5
      FROM chat_messages m WHERE m.thread_id = $1 AND m.id = $2 AND m.deleted_at IS NULL
    ), reopened AS (
      UPDATE chat_messages q SET answered_at = NULL,
        revision = (SELECT last_revision - 1 FROM chat_threads t WHERE t.id = $1)
      FROM chat_messages m
      WHERE q.id = $7 AND q.thread_id = $1 AND q.deleted_at IS NULL AND m.id = $2 AND m.deleted_at IS NULL
    )
    UPDATE chat_messages m SET body_sealed = $6, revision = (SELECT last_revision FROM chat_threads t WHERE t.id = $1),
      edited_at = CASE $3 WHEN 'edited' THEN $5 ELSE m.edited_at END,
      deleted_at = CASE $3 WHEN 'deleted' THEN $5::timestamptz END
    WHERE m.thread_id = $1 AND m.id = $2 AND m.deleted_at IS NULL
    RETURNING ${columns}, ${attachments}`,
};

export interface Change {
  threadId: string;
  messageId: string;
  change: 'edited' | 'deleted';
  changedBy: string;
  bodySealed: Buffer | null;
  /** The question whose answer it takes away. */
  reopens: string | null;
  now: Date;
}

export interface VersionRow {
  version: number;
  bodySealed: Buffer | null;
  change: 'edited' | 'deleted';
  changedBy: string | null;
  changedAt: Date;
}

/**
 * Rows of a thread. Who reads which is decided by row-level security, and by the policy of this module again, so that
 * neither is the only lock.
 */
@Injectable()
export class MessagesStore {
  async thread(tx: Tx, threadId: string): Promise<ThreadRow | undefined> {
    const [found] = await tx.run<ThreadRow>(findThread, [threadId]);
    return found !== undefined && isSeenBy(tx.context, found) ? found : undefined;
  }

  async parties(tx: Tx, threadId: string): Promise<Party[]> {
    return (await tx.run<{ party: Party }>(findParties, [threadId])).map(({ party }) => party);
  }

  /** What the same author, or another program of the same house, sent under this id. */
  async sent(
    tx: Tx,
    threadId: string,
    { party, partyId, userId }: Sender,
    clientMessageId: string,
  ): Promise<{ id: string; requestHash: string } | undefined> {
    const values = [threadId, clientMessageId, party, userId ?? partyId];
    return (await tx.run<{ id: string; requestHash: string }>(findSent, values))[0];
  }

  async question(tx: Tx, threadId: string, messageId: string): Promise<Question | undefined> {
    const [found] = await tx.run<Question & { threadId: string }>(findQuestion, [messageId]);
    return found?.threadId === threadId ? found : undefined;
  }

  /** @returns undefined when it answers what somebody else answered, or its thread is the author's no more */
  async insert(tx: Tx, message: NewMessage): Promise<MessageRow | undefined> {
    const [row] = await tx.run<MessageRow>(insertMessage, [
      message.id,
      message.threadId,
      message.audience,
      'text',
      message.party,
      message.partyId,
      message.userId ?? null,
      message.bodySealed,
      null,
      message.statusRef ?? null,
      message.clientMessageId ?? null,
      message.requestHash,
      message.blocks,
      message.awaits ?? null,
      message.answers ?? null,
      message.now,
    ]);
    return row;
  }

  async find(tx: Tx, threadId: string, messageId: string): Promise<MessageRow | undefined> {
    const [found] = await tx.run<MessageRow>(findMessage, [messageId]);
    return found?.threadId === threadId && isForReader(tx.context, found) ? found : undefined;
  }

  async page(
    tx: Tx,
    threadId: string,
    { before, after, limit }: { before?: number | undefined; after?: number | undefined; limit: number },
  ): Promise<MessageRow[]> {
    const rows = await tx.run<MessageRow>(pageOfMessages, [threadId, before ?? null, after ?? null, limit]);
    return rows.filter((row) => isForReader(tx.context, row));
  }

  async changesSince(tx: Tx, threadId: string, revision: number, most: number): Promise<MessageRow[]> {
    const rows = await tx.run<MessageRow>(changesSince, [threadId, revision, most]);
    return rows.filter((row) => isForReader(tx.context, row));
  }

  /** When the first change behind a revision was made, of those the caller sees. */
  async changedAfter(tx: Tx, threadId: string, revision: number): Promise<Date | undefined> {
    const first = await tx.one<{ at: Date }>(
      `SELECT greatest(created_at, edited_at, deleted_at, answered_at) AS at FROM chat_messages
       WHERE thread_id = $1 AND revision > $2 ORDER BY revision LIMIT 1`,
      [threadId, revision],
    );
    return first?.at;
  }

  /** @returns undefined when it was deleted meanwhile */
  async change(tx: Tx, { threadId, messageId, change, changedBy, bodySealed, reopens, now }: Change) {
    await tx.send(lockForChange, [threadId, now, reopens]);
    const values = [threadId, messageId, change, changedBy, now, bodySealed, reopens];
    return (await tx.run<MessageRow>(changeMessage, values))[0];
  }

  versions(tx: Tx, messageId: string): Promise<VersionRow[]> {
    return tx.query<VersionRow>(
      `SELECT version, body_sealed AS "bodySealed", change, changed_by AS "changedBy", changed_at AS "changedAt"
       FROM chat_message_versions WHERE message_id = $1 ORDER BY version`,
      [messageId],
    );
  }

  /** @returns how many of them were the sender's to attach */
  async attach(tx: Tx, threadId: string, messageId: string, userId: string, ids: readonly string[]): Promise<number> {
    const attached = await tx.query(
      `UPDATE chat_attachments SET message_id = $1
       WHERE id = ANY($2::uuid[]) AND thread_id = $3 AND uploaded_by = $4 AND message_id IS NULL RETURNING id`,
      [messageId, [...ids], threadId, userId],
    );
    return attached.length;
  }
}
