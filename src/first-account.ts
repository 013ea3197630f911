import type { INestApplicationContext } from '@nestjs/common';
import { FirstAdmin, type FirstAdminResult } from './modules/auth/index.js';
import { Organizations } from './modules/directory/index.js';
import type { Config } from '../config/index.js';
import { Database, systemContext } from './platform/db/index.js';

/** Arbitrary and fixed: of several processes that start at once, one creates the organization. */
const firstOrganizationLock = 7_302_612;

/**
 * An empty platform gets one organization, named as BRAND_NAME, and its first administrator.
 * @returns the new account, or undefined when there is one already
 */
export async function ensureFirstAccount(
  app: INestApplicationContext,
  config: Config,
): Promise<FirstAdminResult | undefined> {
  const organizations = app.get(Organizations, { strict: false });
  const organization = await app.get(Database, { strict: false }).tx(systemContext, async (tx) => {
    await tx.send('SELECT pg_advisory_xact_lock($1)', [firstOrganizationLock]);
    const [first] = await organizations.list(tx);
    return first ?? organizations.create(tx, { name: config.BRAND_NAME, brand: config.BRAND_NAME });
  });
  return app.get(FirstAdmin, { strict: false }).ensure(organization.id);
}
