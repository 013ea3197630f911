import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Parcels told of without a carrier had no time to ask after them, and those given up lost theirs without a word to operations.
 * Who waits for one gets an answer or the ticket now, unless the ticket is there.
 */
export class AskAfterOldParcels1763681990000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    await runner.query(
      `UPDATE shipments s SET next_poll_at = now() FROM prescriptions p
       WHERE p.id = s.prescription_id AND p.state IN ('shipped', 'in_transit', 'out_for_delivery') AND s.next_poll_at IS NULL
         AND s.status IN ('unknown', 'pre_transit', 'in_transit', 'out_for_delivery')
         AND s.id::text NOT IN (SELECT details ->> 'shipmentId' FROM ticket_events
           WHERE reason = 'shipping.parcel-silent' AND details ? 'shipmentId')`,
    );
  }

  async down(): Promise<void> {
    // Who was asked for an answer needs one all the same.
  }
}
