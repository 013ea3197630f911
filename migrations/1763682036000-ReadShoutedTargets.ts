import type { MigrationInterface, QueryRunner } from 'typeorm';
import { setting, staffOnly, systemOnly } from '../src/platform/db/row-security.js';

const ticketIsSeen = 'EXISTS (SELECT 1 FROM healthcare_tickets seen WHERE seen.id = ticket_id)';

const alter = (target: string) => {
  const condition = `${systemOnly} OR ${staffOnly} OR ${ticketIsSeen}
    OR (ticket_id IS NULL AND organization_id = ${setting('organization')}::uuid AND ${target} = ${setting('pharmacy')})`;
  return `ALTER POLICY chat_threads_scope ON chat_threads USING (${condition}) WITH CHECK (${condition})`;
};

/** The older system wrote the pharmacy of a thread in capitals, or with blanks: it is the same pharmacy's all the same. */
export class ReadShoutedTargets1763682036000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(alter(`lower(btrim(metadata ->> 'target_id'))`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(alter(`metadata ->> 'target_id'`));
  }
}
