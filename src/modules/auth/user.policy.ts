import { fail } from './auth.errors.js';
import type { UserRole } from './user.entity.js';

/** The party of the directory an account speaks for. */
export interface UserLinks {
  providerId?: string | null | undefined;
  pharmacyId?: string | null | undefined;
  patientId?: string | null | undefined;
}

const linkOfRole: Partial<Record<UserRole, keyof UserLinks>> = {
  doctor: 'providerId',
  pharmacy: 'pharmacyId',
  patient: 'patientId',
};

/**
 * Exactly the link the role needs: a left-over one would widen what row-level security shows.
 * @throws DomainError user.link-missing
 */
export function linkOf(role: UserRole, links: UserLinks): Required<UserLinks> {
  const needed = linkOfRole[role];
  const none = { providerId: null, pharmacyId: null, patientId: null };
  if (needed === undefined) return none;
  const link = links[needed];
  if (link === undefined || link === null) throw fail('user.link-missing');
  return { ...none, [needed]: link };
}
