import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * First tries and retries are claimed side by side, each kind by an index of its own: a row is in one of them at a time, so that
 * what never fails costs what it did. What waits for its back-off is many when something is broken, and is not to be read
 * through to count what is under way: 40,000 such rows made each claim take 35 ms.
 */
export class TurnsOfRetries1763681841000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const sql of down) await runner.query(sql);
  }
}

const open = 'ON outbox_events (queue, due_at) WHERE done_at IS NULL';

const up = [
  `CREATE INDEX outbox_events_first_tries ${open} AND last_error IS NULL`,
  `CREATE INDEX outbox_events_retries ${open} AND last_error IS NOT NULL`,
  `CREATE INDEX outbox_events_retries_under_way ${open} AND last_error IS NOT NULL AND dispatched_at IS NOT NULL`,
  'DROP INDEX outbox_events_due',
];

const down = [
  `CREATE INDEX outbox_events_due ${open}`,
  'DROP INDEX outbox_events_retries_under_way',
  'DROP INDEX outbox_events_retries',
  'DROP INDEX outbox_events_first_tries',
];
