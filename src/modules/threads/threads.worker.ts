import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { anyOf, Database, fold, systemContext, unnested, type Statement } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { noteOf, type SystemNote } from './system-notes.policy.js';
import { ThreadBell } from './thread-bell.js';
import { noteJob, type NotePayload } from './threads.jobs.js';

interface DueNote extends SystemNote {
  prescriptionId: string;
  /** Of the outbox row: one note per event, however often the job runs. */
  eventId: string;
}

/**
 * Notes of many prescriptions, numbered in their threads, together with the end of their jobs. A ticket without a thread, whose
 * parties nobody knows yet, gets none. Each note that asks nothing says that its prescription went on: the questions it was asked
 * before are closed, and one that comes too late for its rejected claim is not asked.
 */
const addNotes: Statement = {
  name: 'threads_add_notes',
  text: `WITH due AS (
      SELECT n.*, t.id AS thread_id, t.organization_id, row_number() OVER (PARTITION BY t.id ORDER BY n.event_id) AS place,
        count(*) OVER (PARTITION BY t.id) AS many
      FROM ${unnested(1, 'uuid', 'text', 'uuid', 'text', 'text', 'text')}
        AS n(id, event_id, prescription_id, code, audience, awaits)
      JOIN prescriptions p ON p.id = n.prescription_id
      JOIN chat_threads t ON t.ticket_id = p.ticket_id
      WHERE (n.awaits IS NULL OR p.state = 'adjudication_issue') AND NOT EXISTS (SELECT 1 FROM chat_messages m
        WHERE m.thread_id = t.id AND m.author_party = 'system' AND m.client_message_id = n.event_id)
    ), overtaken AS (
      SELECT q.id, q.thread_id, row_number() OVER (PARTITION BY q.thread_id ORDER BY q.seq) AS place
      FROM chat_messages q
      JOIN outbox_events o ON o.id = CASE q.kind WHEN 'system' THEN q.client_message_id::uuid END
      WHERE q.thread_id IN (SELECT thread_id FROM due) AND q.blocks AND q.answered_at IS NULL
        AND EXISTS (SELECT 1 FROM due
          WHERE awaits IS NULL AND due.prescription_id = o.aggregate_id AND due.event_id::uuid > o.id)
    ), numbered AS (
      UPDATE chat_threads t SET last_seq = last_seq + many, last_revision = last_revision + many + closed,
        last_message_at = $7, updated_at = $7
      FROM (SELECT DISTINCT thread_id, many,
        (SELECT count(*) FROM overtaken WHERE overtaken.thread_id = due.thread_id) AS closed FROM due) n
      WHERE t.id = n.thread_id
      RETURNING t.id, t.last_seq - many AS seq, t.last_revision - many AS revision, t.last_revision - many - closed AS former
    ), closed AS (
      UPDATE chat_messages q SET answered_at = $7, revision = numbered.former + overtaken.place
      FROM overtaken JOIN numbered ON numbered.id = overtaken.thread_id
      WHERE q.id = overtaken.id AND q.answered_at IS NULL
    ), noted AS (
      INSERT INTO chat_messages (id, thread_id, organization_id, seq, revision, audience, kind, author_party, code,
        client_message_id, blocks, awaits, created_at)
      SELECT due.id, due.thread_id, due.organization_id, numbered.seq + place, numbered.revision + place, audience, 'system',
        'system', due.code, due.event_id, due.awaits IS NOT NULL, due.awaits, $7
      FROM due JOIN numbered ON numbered.id = due.thread_id
    ), ended AS (
      UPDATE outbox_events SET done_at = $7 WHERE id = ${anyOf(2, 'uuid')} AND done_at IS NULL
    )
    SELECT id FROM numbered`,
};

/** Writes the notes: one trip for all that are due together, and no job of its own to end. */
@Injectable()
export class ThreadsWorker {
  private readonly add = fold<DueNote, undefined>(
    async (notes) => {
      const threads = await this.db.query<{ id: string }>(systemContext, addNotes, [
        notes.map(() => newId()),
        notes.map(({ eventId }) => eventId),
        notes.map(({ prescriptionId }) => prescriptionId),
        notes.map(({ code }) => code),
        notes.map(({ audience }) => audience),
        notes.map(({ awaits }) => awaits ?? null),
        this.clock.now(),
      ]);
      this.bell.announce(threads.map(({ id }) => id));
      return notes.map(() => undefined);
    },
    // One batch at a time: two could lock the same threads in different order.
    { mostItems: 64, mostBatches: 1 },
  );

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly bell: ThreadBell,
  ) {}

  @Handles(noteJob)
  async note({ prescriptionId, ...facts }: NotePayload, run: JobRun): Promise<void> {
    const note = run.event === undefined ? undefined : noteOf(run.event, facts);
    if (note === undefined) return;
    await this.add({ ...note, prescriptionId, eventId: run.outboxId });
    run.closed = true;
  }
}
