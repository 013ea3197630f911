import '../utc.js';
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { loadConfig } from '../../config/index.js';
import * as migrations from '../../migrations/index.js';
import { anchorFileOf } from '../modules/audit/index.js';
import { locateDatabase } from '../platform/db/locate.js';
import { migrate } from '../platform/db/migrate.js';
import { withClient } from '../platform/db/roles.js';

/** `npm run db:reset -- --yes`: throws away every row and builds the schema anew. Never in production. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { yes: { type: 'boolean', default: false } } });
  if (process.env['NODE_ENV'] === 'production') throw new Error('refused: this is a production setting (NODE_ENV)');
  const config = loadConfig(process.env);
  if (!values.yes) throw new Error('this deletes every row of the database; say so with: npm run db:reset -- --yes');
  const database = await locateDatabase(config, (line) => process.stdout.write(`${line}\n`));
  try {
    if (database.ownerUrl === undefined)
      throw new Error('DATABASE_OWNER_URL is needed: only the owner may drop the tables');
    await dropEverything(database.ownerUrl, 'public');
    if (database.queueUrl !== undefined) await dropEverything(database.queueUrl, 'bullmq');
    const ran = await migrate(database.ownerUrl, database.queueUrl, Object.values(migrations));
    const aside = await anchorFileOf(config).setAside(new Date());
    if (aside !== undefined) process.stdout.write(`the seals of the audit trail that is gone are kept in ${aside}\n`);
    process.stdout.write(`the database is empty and its schema new: ${ran.length} migration(s) ran\n`);
  } finally {
    await database.leave();
  }
}

/** Drops what the schema holds rather than the schema, which keeps its owner and grants. What an extension brought stays with it. */
async function dropEverything(url: string, schema: string): Promise<void> {
  await withClient(url, async (client) => {
    // Names as text, all found before the first drop: CASCADE takes things along that come later in the list.
    const { rows } = await client.query<{ statement: string }>(
      `WITH own AS (SELECT $1::regnamespace::oid AS schema),
       brought AS (SELECT objid FROM pg_depend WHERE deptype = 'e')
       SELECT format('DROP %s IF EXISTS %s CASCADE', kind, name) AS statement FROM (
         SELECT array_position(ARRAY['v', 'm', 'r', 'p', 'S']::"char"[], c.relkind) AS at, c.oid, c.oid::regclass::text AS name,
           CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
         FROM pg_class c, own WHERE c.relnamespace = own.schema AND c.relkind IN ('v', 'm', 'r', 'p', 'S')
         UNION ALL
         SELECT 10, p.oid, p.oid::regprocedure::text, 'ROUTINE' FROM pg_proc p, own WHERE p.pronamespace = own.schema
         UNION ALL
         SELECT 11, t.oid, t.oid::regtype::text, 'TYPE' FROM pg_type t, own
         WHERE t.typnamespace = own.schema AND t.typtype IN ('e', 'd')
       ) AS things WHERE oid NOT IN (SELECT objid FROM brought) ORDER BY at`,
      [schema],
    );
    for (const { statement } of rows) await client.query(statement);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`db:reset: ${error instanceof Error ? error.message : 'failed'}\n`);
  process.exit(1);
});
