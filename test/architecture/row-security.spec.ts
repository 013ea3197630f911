import pg from 'pg';
import { defaultRoles } from '../../src/platform/db/roles.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { exceptions, roleProblems, rowSecurityProblems } from '../support/row-security-catalog.js';

const forced = (table: string) =>
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY; ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;`;
const mine = `organization_id = NULLIF(current_setting('app.organization', true), '')::uuid`;

describe('the catalog of the database', () => {
  let database: TestDatabase;
  let client: pg.Client;
  const query = async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
    (await client.query<R>(text, values)).rows;
  const working = [defaultRoles.app, ...defaultRoles.narrow];

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.superuserUrl });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  /** As if a migration had done this. */
  const after = async (change: string, look: () => Promise<string[]>): Promise<string[]> => {
    await client.query('BEGIN');
    try {
      await client.query(change);
      return await look();
    } finally {
      await client.query('ROLLBACK');
    }
  };

  it('has every table with party data under a forced policy for reading and writing, or named with the reason', async () => {
    expect(await rowSecurityProblems(query)).toEqual([]);
    for (const reason of Object.values(exceptions)) expect(reason.length).toBeGreaterThan(20);
  });

  it('lets the roles that work for users own nothing, bypass nothing and become nobody who does', async () => {
    const known = await query('SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)', [working]);
    expect(known).toHaveLength(working.length);
    expect(await roleProblems(query, working)).toEqual([]);
  });

  it.each([
    [
      'a table of patients without any',
      'CREATE TABLE leak (id uuid, patient_id uuid)',
      'table leak: no row-level security, not forced on its owner, no policy with USING and WITH CHECK',
    ],
    [
      'a table that only refers to one with party data',
      'CREATE TABLE leak (id uuid, of uuid REFERENCES healthcare_tickets)',
      'table leak: no row-level security, not forced on its owner, no policy with USING and WITH CHECK',
    ],
    [
      'a table that refers to one that refers to one',
      `CREATE TABLE threads (id uuid PRIMARY KEY, organization_id uuid); ${forced('threads')}
       CREATE POLICY p ON threads USING (${mine}) WITH CHECK (${mine}); CREATE TABLE leak (of uuid REFERENCES threads)`,
      'table leak: no row-level security, not forced on its owner, no policy with USING and WITH CHECK',
    ],
    [
      'a policy its owner need not obey',
      `CREATE TABLE leak (organization_id uuid); ALTER TABLE leak ENABLE ROW LEVEL SECURITY;
       CREATE POLICY p ON leak USING (${mine}) WITH CHECK (${mine})`,
      'table leak: not forced on its owner',
    ],
    [
      'a policy for reading alone',
      `CREATE TABLE leak (organization_id uuid); ${forced('leak')} CREATE POLICY p ON leak FOR SELECT USING (${mine})`,
      'table leak: no policy with USING and WITH CHECK',
    ],
    [
      'a policy without WITH CHECK',
      `CREATE TABLE leak (organization_id uuid); ${forced('leak')} CREATE POLICY p ON leak USING (${mine})`,
      'table leak: no policy with USING and WITH CHECK',
    ],
    [
      'a policy that lets everybody in',
      `CREATE POLICY open ON claims FOR SELECT USING (true)`,
      'policy open of claims: compares nothing with the caller',
    ],
    [
      'a view with the rights of its owner',
      'CREATE VIEW leak AS SELECT * FROM prescriptions',
      'view leak: not security_invoker',
    ],
    [
      'a materialized view',
      'CREATE MATERIALIZED VIEW leak AS SELECT 1 AS one',
      'view leak: materialized, so everybody reads all of it',
    ],
    [
      'an exception that has gone',
      'ALTER TABLE outbox_events DROP COLUMN organization_id, DROP COLUMN aggregate_id',
      'table outbox_events: named as an exception and is none',
    ],
  ])('is reported for %s', async (_what, change, problem) => {
    expect(await after(change, () => rowSecurityProblems(query))).toEqual([problem]);
  });

  it.each([
    ['a table of its own', 'ALTER TABLE claims OWNER TO pharmonico_app', 'role pharmonico_app: owns claims'],
    ['BYPASSRLS', 'ALTER ROLE pharmonico_app BYPASSRLS', 'role pharmonico_app: has BYPASSRLS'],
    [
      'a function with the rights of its owner',
      'CREATE FUNCTION leak() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$',
      "function leak: runs with its owner's rights",
    ],
    [
      'the owner to become',
      'GRANT pharmonico_owner TO pharmonico_app',
      'role pharmonico_app: may become pharmonico_owner',
    ],
  ])('is reported for a working role with %s', async (_what, change, problem) => {
    expect(await after(change, () => roleProblems(query, working))).toContain(problem);
  });
});
