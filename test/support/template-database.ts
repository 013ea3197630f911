import * as migrations from '../../migrations/index.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { bootstrapDatabase, withClient, type DatabaseUrls, type RolePasswords } from '../../src/platform/db/roles.js';

export const templateDatabase = 'pharmonico_template';

/** Made once per run and copied for every test file. All connections to it must be closed when this returns. */
export async function prepareTemplate(superuserUrl: string, passwords: RolePasswords): Promise<DatabaseUrls> {
  // A server given by PHARMONICO_TEST_DATABASE_URL still has the template of the last run.
  await withClient(superuserUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${templateDatabase} WITH (FORCE)`));
  const urls = await bootstrapDatabase(superuserUrl, { database: templateDatabase, passwords });
  await migrate(urls.ownerUrl, urls.queueUrl, Object.values(migrations));
  return urls;
}
