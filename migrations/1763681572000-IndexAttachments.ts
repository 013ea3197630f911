import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Attachments by their thread, and those of no message by age. */
export class IndexAttachments1763681572000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX chat_attachments_thread ON chat_attachments (thread_id)');
    await runner.query(
      'CREATE INDEX chat_attachments_unused ON chat_attachments (created_at) WHERE message_id IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX chat_attachments_thread, chat_attachments_unused');
  }
}
