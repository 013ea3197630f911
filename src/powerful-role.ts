import type { INestApplicationContext } from '@nestjs/common';
import { Database, systemContext } from './platform/db/index.js';
import { factsSql, powersAdvice, rolePowers, type DatabaseFacts } from './platform/db/role-powers.js';

/** @throws Error when row-level security would not bind the role: everybody would see every organization. */
export async function refusePowerfulRole(app: INestApplicationContext): Promise<void> {
  const db = app.get(Database, { strict: false });
  const powers = (await db.query<DatabaseFacts>(systemContext, factsSql)).flatMap(rolePowers);
  if (powers.length === 0) return;
  throw new Error(`row-level security would not bind this process: ${powers.join('; ')}. ${powersAdvice}`);
}
