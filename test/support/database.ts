import { randomBytes } from 'node:crypto';
import {
  createOwnedDatabase,
  databaseUrlAt,
  defaultRoles,
  grantDatabaseAccess,
  withClient,
  type DatabaseUrls,
} from '../../src/platform/db/roles.js';
import { templateDatabase } from './template-database.js';
import { testCluster } from './test-cluster.js';

export interface TestDatabase extends DatabaseUrls {
  name: string;
  /** Bypasses row level security: for looking, never for the code under test. */
  superuserUrl: string;
  /** Ends the connections that are left, too. */
  drop(): Promise<void>;
}

/** A migrated database of its own for one test file. The roles are shared by the whole run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { superuserUrl, template } = await testCluster();
  const name = `pharmonico_test_${randomBytes(6).toString('hex')}`;
  await withClient(superuserUrl, (admin) => createOwnedDatabase(admin, name, defaultRoles.owner, templateDatabase));
  await grantDatabaseAccess(databaseUrlAt(superuserUrl, name));
  return {
    name,
    superuserUrl: databaseUrlAt(superuserUrl, name),
    databaseUrl: databaseUrlAt(template.databaseUrl, name),
    ownerUrl: databaseUrlAt(template.ownerUrl, name),
    queueUrl: databaseUrlAt(template.queueUrl, name),
    drop: async () => {
      await withClient(superuserUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}
