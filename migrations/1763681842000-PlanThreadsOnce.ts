import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The statements of the trigger that keeps a ticket's thread find their rows by primary key whatever the ticket is, but their
 * policies are long: planning them for each ticket took longer than running them.
 */
export class PlanThreadsOnce1763681842000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER FUNCTION keep_ticket_thread(healthcare_tickets) SET plan_cache_mode = 'force_generic_plan'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER FUNCTION keep_ticket_thread(healthcare_tickets) RESET plan_cache_mode');
  }
}
