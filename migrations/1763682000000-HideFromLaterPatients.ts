import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ownParty, setting, systemOnly } from '../src/platform/db/row-security.js';

const threadIsSeen = 'EXISTS (SELECT 1 FROM chat_threads seen WHERE seen.id = thread_id)';

const isOwn = ownParty('author_party', 'author_party_id');

const audience = (toPatients: string) => `${systemOnly} OR (${threadIsSeen} AND (
  (audience = 'all' AND ${toPatients})
  OR (audience = 'providers' AND ${setting('role')} IN ('doctor', 'pharmacy', 'ops', 'admin', 'integrator'))
  OR (audience = 'internal' AND ${isOwn})))`;

const unlessOfAnother = `(${setting('role')} IS DISTINCT FROM 'patient' OR ${isOwn} OR NOT EXISTS (
  SELECT 1 FROM chat_members former
  WHERE former.thread_id = chat_messages.thread_id AND former.party = 'patient' AND former.left_at >= chat_messages.created_at
    AND former.party_id <> ${setting('patient')}::uuid))`;

const alter = (condition: string) =>
  `ALTER POLICY chat_messages_scope ON chat_messages USING (${condition}) WITH CHECK (${condition})`;

/** An order corrected to another patient keeps its ticket: what was said while it was somebody else's is not for the new one. */
export class HideFromLaterPatients1763682000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(alter(audience(unlessOfAnother)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(alter(audience('true')));
  }
}
