import type { DbContext } from '../../platform/db/index.js';

/** The columns of a row that say whose it is. */
export interface Owned {
  readonly organizationId: string | null;
  /** The doctor. */
  readonly providerId?: string | null;
  readonly pharmacyId?: string | null;
  readonly patientId?: string | null;
}

const staff: ReadonlySet<string | undefined> = new Set(['ops', 'admin', 'integrator']);

/**
 * Whether a row is the caller's to see: the question row-level security answers by itself (platform/db/row-security),
 * asked again by the application, so that neither is the only lock. Closed by default: a context that says nothing sees nothing.
 */
export function isSeenBy({ role, organization, provider, pharmacy, patient }: DbContext, row: Owned): boolean {
  if (role === 'system') return true;
  if (!isSame(organization, row.organizationId)) return false;
  return (
    staff.has(role) ||
    isSame(provider, row.providerId) ||
    isSame(pharmacy, row.pharmacyId) ||
    isSame(patient, row.patientId)
  );
}

function isSame(named: string | undefined, owner: string | null | undefined): boolean {
  return named !== undefined && named !== '' && named === owner;
}
