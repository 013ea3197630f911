import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What CarePortals says of an order is known to a prescription by the word and its time, not by our row of the order: two rows
 * that turn out to be one would tell it twice. What was told under the former key keeps its place under the new one.
 */
export class ReportWordsOnce1763682046000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    await runner.query(up);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.role', 'system', true)`);
    await runner.query(down);
  }
}

const former = '^careportals:[0-9a-f-]{36}:';
const renamed = (row: string) => `regexp_replace(${row}.source_key, '${former}', 'careportals:')`;

// What was told twice already stays in the history; the first one takes the key.
const up = `UPDATE prescription_status_events e SET source_key = ${renamed('e')}
  WHERE e.source_key ~ '${former}' AND NOT EXISTS (
    SELECT 1 FROM prescription_status_events o
    WHERE o.prescription_id = e.prescription_id AND o.id <> e.id AND ${renamed('o')} = ${renamed('e')}
      AND (o.id < e.id OR o.source_key !~ '${former}'))`;

const down = `UPDATE prescription_status_events e SET source_key = 'careportals:' || told.key
  FROM (
    SELECT DISTINCT ON (r.id) r.id, w.order_id || substr(r.source_key, length('careportals') + 1) AS key
    FROM prescription_status_events r JOIN external_prescriptions w ON w.prescription_id = r.prescription_id
    WHERE r.source_key LIKE 'careportals:status:%' AND w.order_id IS NOT NULL ORDER BY r.id, w.id) told
  WHERE told.id = e.id AND NOT EXISTS (
    SELECT 1 FROM prescription_status_events o
    WHERE o.prescription_id = e.prescription_id AND o.source_key = 'careportals:' || told.key)`;
