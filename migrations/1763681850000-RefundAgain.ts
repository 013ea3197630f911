import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is left of a payment may be given back more than once: a refund fails, a bank gives a disputed part back. The lock of
 * the payment keeps two of them from taking the same cent; each has an effect key of its own.
 */
export class RefundAgain1763681850000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of up) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    for (const sql of down) await runner.query(sql);
  }
}

const up = [
  'DROP INDEX refunds_rest',
  'CREATE INDEX refunds_prescription ON refunds (prescription_id)',
  'ALTER TABLE refunds ADD COLUMN failed_at timestamptz',
  // One that is under way keeps its ledger row, so that it is looked for at the provider and not made anew.
  `UPDATE effects e SET key = e.key || ':' || r.id FROM refunds r WHERE r.kind = 'rest' AND e.key = 'refund:' || r.payment_id`,
];

const down = [
  `UPDATE effects e SET key = 'refund:' || r.payment_id FROM refunds r
   WHERE r.kind = 'rest' AND r.status <> 'failed' AND e.key = 'refund:' || r.payment_id || ':' || r.id
     AND NOT EXISTS (SELECT 1 FROM refunds o WHERE o.payment_id = r.payment_id AND o.kind = 'rest' AND o.id <> r.id)`,
  'ALTER TABLE refunds DROP COLUMN failed_at',
  'DROP INDEX refunds_prescription',
  // Later rests of a payment become requested ones, of which there may be several.
  `UPDATE refunds r SET kind = 'requested' WHERE r.kind = 'rest'
     AND EXISTS (SELECT 1 FROM refunds o WHERE o.payment_id = r.payment_id AND o.kind = 'rest' AND o.id < r.id)`,
  `CREATE UNIQUE INDEX refunds_rest ON refunds (payment_id) WHERE kind = 'rest'`,
];
