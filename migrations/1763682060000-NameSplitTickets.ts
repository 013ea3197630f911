import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A ticket that was split off one a person opened knows so: on it, too, nobody is to be found by name. */
export class NameSplitTickets1763682060000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of [...origins(`'intake', 'desk', 'split', 'backfill', 'inbox'`), nameThem]) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    await runner.query(`UPDATE healthcare_tickets SET origin = 'intake' WHERE origin = 'split'`);
    for (const sql of origins(`'intake', 'desk', 'backfill', 'inbox'`)) await runner.query(sql);
  }
}

const origins = (known: string) => [
  'ALTER TABLE healthcare_tickets DROP CONSTRAINT healthcare_tickets_origin',
  `ALTER TABLE healthcare_tickets ADD CONSTRAINT healthcare_tickets_origin CHECK (origin IN (${known}))`,
];

/** Their history says which ticket they come from, which may itself have been split off. */
const nameThem = `WITH RECURSIVE split AS (
    SELECT e.ticket_id, (e.details ->> 'from')::uuid AS from_id FROM ticket_events e
    WHERE e.code = 'ticket.created' AND e.details ? 'from'
  ), named AS (
    SELECT id FROM healthcare_tickets WHERE origin = 'desk'
    UNION SELECT split.ticket_id FROM split JOIN named ON named.id = split.from_id
  )
  UPDATE healthcare_tickets t SET origin = 'split' FROM named WHERE t.id = named.id AND t.origin = 'intake'`;
