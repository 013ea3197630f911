import type { MigrationInterface, QueryRunner } from 'typeorm';
import { setting } from '../src/platform/db/row-security.js';

/** What parties read beside their prescriptions is of their own organization too, whatever id a context names. */
export class BindReadersToOrganization1763681550000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [policy, table, condition] of policies) {
      await runner.query(`ALTER POLICY ${policy} ON ${table} USING (${sameOrganization} AND (${condition}))`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [policy, table, condition] of policies) {
      await runner.query(`ALTER POLICY ${policy} ON ${table} USING (${condition})`);
    }
  }
}

const sameOrganization = `organization_id = ${setting('organization')}::uuid`;

const isParty = ['provider', 'pharmacy', 'patient'].map((party) => `${setting(party)} IS NOT NULL`).join(' OR ');
const isPatient = (column: string) => `${column} = ${setting('patient')}::uuid`;

const policies = [
  ['pharmacies_seen_by_parties', 'pharmacies', isParty],
  ['providers_seen_by_parties', 'providers', isParty],
  ['patients_own', 'patients', isPatient('id')],
  ['coverages_own', 'coverages', isPatient('patient_id')],
  ['consents_own', 'consents', isPatient('patient_id')],
] as const;
