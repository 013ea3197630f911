import type { Tx } from '../../platform/db/index.js';

/** Arbitrary and fixed, apart from other advisory locks. */
const namespace = 7_302_613;

/** Customers and orders of one organization are told anew from all there is, so only one transaction does it at a time. */
export async function lockOrganization(tx: Tx, organizationId: string): Promise<void> {
  await tx.send('SELECT pg_advisory_xact_lock($1, hashtext($2))', [namespace, organizationId]);
}
