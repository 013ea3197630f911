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
 * parties nobody knows yet, gets none. Each event that asks nothing says that its prescription went on, or ended: the questions
 * asked about it before are closed, in whatever thread they stand, and one that comes too late for its rejected claim is not
 * asked.
 */
const addNotes: Statement = {
  name: 'threads_add_notes',
  text: `WITH given AS (
      SELECT n.*, t.id AS thread_id, t.organization_id
      FROM ${unnested(1, 'uuid', 'text', 'uuid', 'text', 'text', 'text')}
        AS n(id, event_id, prescription_id, code, audience, awaits)
      JOIN prescriptions p ON p.id = n.prescription_id
      JOIN chat_threads t ON t.ticket_id = p.ticket_id
      WHERE (n.awaits IS NULL OR p.state = 'adjudication_issue') AND NOT EXISTS (SELECT 1 FROM chat_messages m
        WHERE m.thread_id = t.id AND m.author_party = 'system' AND m.client_message_id = n.event_id)
    ), due AS (
      SELECT *, row_number() OVER (PARTITION BY thread_id ORDER BY event_id) AS place FROM given
    ), overtaken AS (
      SELECT q.id, q.thread_id, row_number() OVER (PARTITION BY q.thread_id ORDER BY q.seq) AS place
      FROM (SELECT prescription_id, max(event_id COLLATE "C") AS event_id FROM given WHERE awaits IS NULL
        GROUP BY prescription_id) latest
      JOIN chat_messages q ON q.prescription_id = latest.prescription_id
      WHERE q.blocks AND q.answered_at IS NULL AND q.client_message_id COLLATE "C" < latest.event_id
    ), touched AS (
      SELECT thread_id, count(*) FILTER (WHERE is_note) AS many, count(*) FILTER (WHERE NOT is_note) AS closed
      FROM (SELECT thread_id, true AS is_note FROM due UNION ALL SELECT thread_id, false FROM overtaken) changes
      GROUP BY thread_id
    ), numbered AS (
      UPDATE chat_threads t SET last_seq = last_seq + many, last_revision = last_revision + many + closed,
        last_message_at = CASE WHEN many > 0 THEN $7 ELSE t.last_message_at END, updated_at = $7
      FROM touched WHERE t.id = touched.thread_id
      RETURNING t.id, t.last_seq - many AS seq, t.last_revision - many AS revision, t.last_revision - many - closed AS former
    ), closed AS (
      UPDATE chat_messages q SET answered_at = $7, revision = numbered.former + overtaken.place
      FROM overtaken JOIN numbered ON numbered.id = overtaken.thread_id
      WHERE q.id = overtaken.id AND q.answered_at IS NULL
    ), noted AS (
      INSERT INTO chat_messages (id, thread_id, organization_id, seq, revision, audience, kind, author_party, code,
        client_message_id, blocks, awaits, prescription_id, created_at)
      SELECT due.id, due.thread_id, due.organization_id, numbered.seq + place, numbered.revision + place, audience, 'system',
        'system', due.code, due.event_id, due.awaits IS NOT NULL, due.awaits,
        CASE WHEN due.awaits IS NOT NULL THEN due.prescription_id END, $7
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
    if (run.event === undefined) return;
    const note = noteOf(run.event, facts);
    if (note === undefined) return;
    await this.add({ ...note, prescriptionId, eventId: run.outboxId });
    run.closed = true;
  }
}
