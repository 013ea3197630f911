import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A question of the platform knows the prescription it is about. The outbox row that asked it is cleaned up after a while, and
 * the prescription may go on in the thread of another ticket.
 */
export class AskOfAPrescription1763681910000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE chat_messages DROP COLUMN prescription_id');
  }
}

const up = [
  `ALTER TABLE chat_messages ADD COLUMN prescription_id uuid`,
  `SELECT set_config('app.role', 'system', true)`,
  // What people send has an id of their own choice, which need not be a UUID.
  `UPDATE chat_messages q SET prescription_id = o.aggregate_id FROM outbox_events o
   WHERE o.id = CASE q.kind WHEN 'system' THEN q.client_message_id::uuid END AND q.blocks AND q.answered_at IS NULL`,
  `CREATE INDEX chat_messages_open_about ON chat_messages (prescription_id)
   WHERE prescription_id IS NOT NULL AND answered_at IS NULL`,
];
