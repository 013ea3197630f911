import type { INestApplicationContext } from '@nestjs/common';
import { Database, systemContext } from './platform/db/index.js';
import {
  boundlessPowers,
  factsSql,
  powersAdvice,
  queuePowersAdvice,
  rolePowers,
  type DatabaseFacts,
} from './platform/db/role-powers.js';
import { withClient } from './platform/db/roles.js';

/**
 * @param queueUrl of the queues in PostgreSQL
 * @throws Error when row-level security would not bind a role: everybody would see every organization.
 */
export async function refusePowerfulRoles(app: INestApplicationContext, queueUrl: string | undefined): Promise<void> {
  const db = app.get(Database, { strict: false });
  refuse((await db.query<DatabaseFacts>(systemContext, factsSql)).flatMap(rolePowers), powersAdvice);
  if (queueUrl === undefined) return;
  const { rows } = await withClient(queueUrl, (client) => client.query<DatabaseFacts>(factsSql));
  refuse(rows.flatMap(boundlessPowers), queuePowersAdvice);
}

function refuse(powers: readonly string[], advice: string): void {
  if (powers.length === 0) return;
  throw new Error(`row-level security would not bind this process: ${powers.join('; ')}. ${advice}`);
}
