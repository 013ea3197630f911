import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The sweep of orphaned files asks by key whether a row names a file. */
export class IndexFileKeys1763681410000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [name, table, column] of indexes) {
      await runner.query(`CREATE INDEX ${name} ON ${table} (${column}) WHERE ${column} IS NOT NULL`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name] of indexes) await runner.query(`DROP INDEX ${name}`);
  }
}

const indexes = [
  ['shipments_label', 'shipments', 'label_key'],
  ['coverages_front', 'coverages', 'front_key'],
  ['coverages_back', 'coverages', 'back_key'],
] as const;
