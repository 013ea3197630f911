import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A stream that comes back asks for everything that changed since: new messages, but also edited, deleted and answered
 * ones. Each change takes the next number of its thread under the thread's row lock, so the numbers are in commit order.
 */
export class NumberMessageChanges1763681540000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of down) await runner.query(sql);
  }
}

const sentOnce = (author: string) => `CREATE UNIQUE INDEX chat_messages_sent_once
  ON chat_messages (thread_id, ${author}, client_message_id) WHERE client_message_id IS NOT NULL`;

const up = [
  `ALTER TABLE chat_threads ADD COLUMN last_revision bigint NOT NULL DEFAULT 0`,
  `ALTER TABLE chat_messages ADD COLUMN revision bigint NOT NULL DEFAULT 0`,
  `SELECT set_config('app.role', 'system', true)`,
  `UPDATE chat_messages SET revision = seq`,
  `UPDATE chat_threads SET last_revision = last_seq`,
  `CREATE INDEX chat_messages_changes ON chat_messages (thread_id, revision)`,
  // Programs and the platform itself have no user behind them, and send once as well.
  `DROP INDEX chat_messages_sent_once`,
  sentOnce(`author_party, coalesce(author_user_id, author_party_id, '00000000-0000-0000-0000-000000000000')`),
];

const down = [
  `DROP INDEX chat_messages_sent_once`,
  sentOnce('author_user_id'),
  `DROP INDEX chat_messages_changes`,
  `ALTER TABLE chat_messages DROP COLUMN revision`,
  `ALTER TABLE chat_threads DROP COLUMN last_revision`,
];
