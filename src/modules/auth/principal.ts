import type { DbContext } from '../../platform/db/index.js';
import type { Permission, Role } from './permissions.js';

/** Who is calling and what may be done: a signed-in user, or a key a program holds. */
export interface Principal {
  readonly kind: 'user' | 'api-key';
  readonly id: string;
  readonly role: Role;
  readonly organizationId: string;
  readonly providerId?: string;
  readonly pharmacyId?: string;
  readonly patientId?: string;
  readonly permissions: ReadonlySet<Permission>;
  /** Of the sign-in behind a token; API keys have none. */
  readonly sessionId?: string;
}

/**
 * What row-level security compares with for this caller. Staff see the rows of their organization, parties those of them that
 * name them (platform/db/row-security); a party's id is passed on for the role it belongs to only.
 */
export function contextOf(principal: Principal): DbContext {
  return {
    role: principal.role,
    user: principal.id,
    organization: principal.organizationId,
    ...(principal.role === 'doctor' && principal.providerId !== undefined && { provider: principal.providerId }),
    ...(principal.role === 'pharmacy' && principal.pharmacyId !== undefined && { pharmacy: principal.pharmacyId }),
    ...(principal.role === 'patient' && principal.patientId !== undefined && { patient: principal.patientId }),
  };
}
