import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { withClient } from '../../src/platform/db/roles.js';
import {
  openSecretsFile,
  startEmbeddedPostgres,
  type SecretStore,
} from '../../src/platform/embedded-postgres/index.js';
import { prepareTemplate } from './template-database.js';

const clusterSchema = z.object({
  superuserUrl: z.string(),
  /** Of the template; the same roles open every copy. */
  template: z.object({ databaseUrl: z.string(), ownerUrl: z.string(), queueUrl: z.string() }),
});

export type TestCluster = z.infer<typeof clusterSchema>;

const templateLock = 7_302_602;

/** The PostgreSQL of this run with its template database, made by whichever test asks first, in whichever worker. */
export async function testCluster(): Promise<TestCluster> {
  const runDir = process.env.PHARMONICO_TEST_RUN_DIR;
  if (runDir === undefined)
    throw new Error('PHARMONICO_TEST_RUN_DIR is not set: run through Jest with its globalSetup.');
  const known = await readCluster(runDir);
  if (known) return known;

  const { superuserUrl, secrets } = await server(runDir);
  return await withClient(superuserUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [templateLock]);
    const madeMeanwhile = await readCluster(runDir);
    if (madeMeanwhile) return madeMeanwhile;
    const cluster = { superuserUrl, template: await prepareTemplate(superuserUrl, secrets) };
    const file = path.join(runDir, 'cluster.json');
    await writeFile(`${file}.new`, JSON.stringify(cluster), { mode: 0o600 });
    await rename(`${file}.new`, file);
    return cluster;
  });
}

async function server(runDir: string): Promise<{ superuserUrl: string; secrets: SecretStore }> {
  const given = process.env.PHARMONICO_TEST_DATABASE_URL;
  if (given) return { superuserUrl: given, secrets: openSecretsFile(path.join(runDir, 'roles.json')) };
  // Thrown away after the run: durability would only cost time.
  const started = await startEmbeddedPostgres({ dataDir: path.join(runDir, 'pg'), fsync: false });
  await writeFile(path.join(runDir, 'data-dir'), started.dataDir);
  return { superuserUrl: started.superuserUrl(), secrets: started.secrets };
}

async function readCluster(runDir: string): Promise<TestCluster | undefined> {
  const text = await readFile(path.join(runDir, 'cluster.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : clusterSchema.parse(JSON.parse(text));
}
