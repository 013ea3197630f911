import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The addresses an organization receives SCRIPT under; none: it takes whatever its callers hand in. */
export class AddScriptMailboxes1763681460000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE organizations ADD COLUMN script_mailboxes text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE organizations DROP COLUMN script_mailboxes');
  }
}
