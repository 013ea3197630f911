import type { DbContext } from '../../platform/db/index.js';
import { permissionsOf, type Permission, type Role } from './permissions.js';
import type { Principal } from './principal.js';

/** The columns of a row that say whose it is. */
export interface Owned {
  readonly organizationId: string | null;
  /** The doctor. */
  readonly providerId?: string | null;
  readonly pharmacyId?: string | null;
  readonly patientId?: string | null;
}

const staff: ReadonlySet<string | undefined> = new Set(['ops', 'admin', 'integrator']);

/** Whether a role acts for the whole organization. */
export function isStaff(role: string | undefined): boolean {
  return staff.has(role);
}

/**
 * Whether a row is the caller's to see: the question row-level security answers by itself (platform/db/row-security),
 * asked again by the application, so that neither is the only lock. Closed by default: a context that says nothing sees nothing.
 */
export function isSeenBy({ role, organization, provider, pharmacy, patient }: DbContext, row: Owned): boolean {
  if (role === 'system') return true;
  if (!isSame(organization, row.organizationId)) return false;
  return (
    isStaff(role) ||
    isSame(provider, row.providerId) ||
    isSame(pharmacy, row.pharmacyId) ||
    isSame(patient, row.patientId)
  );
}

/** Whether what happens inside is told: what vendors were asked for, what failed, and how it is mended. */
export function seesInside({ role }: DbContext): boolean {
  return role === 'system' || isStaff(role);
}

/** Whether who asks plays a role that has the permission; nobody knows what an unknown one may. */
export function roleMay({ role = '' }: DbContext, permission: Permission): boolean {
  const known: Readonly<Record<string, readonly Permission[] | undefined>> = permissionsOf;
  return known[role]?.includes(permission) ?? false;
}

export type OwnerKind = 'organization' | 'provider' | 'pharmacy' | 'patient';

const ownIdOf: Readonly<Record<OwnerKind, (principal: Principal) => string | undefined>> = {
  organization: ({ organizationId }) => organizationId,
  provider: ({ providerId }) => providerId,
  pharmacy: ({ pharmacyId }) => pharmacyId,
  patient: ({ patientId }) => patientId,
};

const ownerKindOf: Readonly<Partial<Record<Role, OwnerKind>>> = {
  ops: 'organization',
  admin: 'organization',
  integrator: 'organization',
  doctor: 'provider',
  pharmacy: 'pharmacy',
  patient: 'patient',
};

/**
 * Whose rows a caller's lists show. Row-level security decides what may be seen, but its OR of conditions cannot use an
 * index; the caller's own condition, said again in plain words, can. @returns undefined for who is party to nothing
 */
export function ownerOf(principal: Principal): { kind: OwnerKind; id: string } | undefined {
  const kind = ownerKindOf[principal.role];
  const id = kind && ownIdOf[kind](principal);
  return kind === undefined || id === undefined ? undefined : { kind, id };
}

function isSame(named: string | undefined, owner: string | null | undefined): boolean {
  return named !== undefined && named !== '' && named === owner;
}
