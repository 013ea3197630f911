import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ownParty, setting, systemOnly } from '../src/platform/db/row-security.js';

const threadIsSeen = 'EXISTS (SELECT 1 FROM chat_threads seen WHERE seen.id = thread_id)';

const isOwn = ownParty('author_party', 'author_party_id');

const audience = (toPatients: string) => `${systemOnly} OR (${threadIsSeen} AND (
  (audience = 'all' AND ${toPatients})
  OR (audience = 'providers' AND ${setting('role')} IN ('doctor', 'pharmacy', 'ops', 'admin', 'integrator'))
  OR (audience = 'internal' AND ${isOwn})))`;

/** A function, and a cheap one: written out it would count for each row of every plan, of those no patient is asking for, too. */
const create = `CREATE FUNCTION is_of_former_patient(thread uuid, said_at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE COST 1 AS $$
  BEGIN
    RETURN EXISTS (SELECT 1 FROM chat_members m
      WHERE m.thread_id = thread AND m.party = 'patient' AND m.joined_at <= said_at AND m.left_at >= said_at
        AND m.party_id <> ${setting('patient')}::uuid);
  END $$`;
const unlessOfAnother = `(${setting('role')} IS DISTINCT FROM 'patient' OR ${isOwn}
  OR NOT is_of_former_patient(thread_id, created_at))`;

const alter = (condition: string) =>
  `ALTER POLICY chat_messages_scope ON chat_messages USING (${condition}) WITH CHECK (${condition})`;

/** An order corrected to another patient keeps its ticket: what was said while it was somebody else's is not for the new one. */
export class HideFromLaterPatients1763682000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(create);
    await runner.query(alter(audience(unlessOfAnother)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(alter(audience('true')));
    await runner.query('DROP FUNCTION is_of_former_patient');
  }
}
