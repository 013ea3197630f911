import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who of a pharmacy, and who of operations, is to be told: patients have accounts too, and are many. */
export class IndexUsersByParty1763681571000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX users_of_pharmacy ON users (pharmacy_id) WHERE pharmacy_id IS NOT NULL');
    await runner.query(`CREATE INDEX users_operations ON users (organization_id) WHERE role = 'ops'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX users_of_pharmacy, users_operations');
  }
}
