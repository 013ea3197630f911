import type { Principal, Role } from '../auth/index.js';
import type { Party } from '../tickets/index.js';
import { fail } from './threads.errors.js';

/** Whose side somebody speaks for. */
export interface Sender {
  party: Party;
  /** Of the directory; for `ops` the organization. */
  partyId: string;
  /** Undefined for a program with an API key. */
  userId: string | undefined;
}

const partyOfRole: Readonly<Partial<Record<Role, Party>>> = {
  doctor: 'doctor',
  pharmacy: 'pharmacy',
  patient: 'patient',
  ops: 'ops',
  admin: 'ops',
  integrator: 'ops',
};

/** @throws thread.not-found for a role that takes part in no thread, or an account without its link */
export function senderOf(principal: Principal): Sender {
  const party = partyOfRole[principal.role];
  const partyId = party === undefined ? undefined : partyIdOf(principal, party);
  if (party === undefined || partyId === undefined) throw fail('thread.not-found');
  return { party, partyId, userId: principal.kind === 'user' ? principal.id : undefined };
}

/** @throws thread.person-required */
export function personOf(principal: Principal): Sender & { userId: string } {
  const { userId, ...side } = senderOf(principal);
  if (userId === undefined) throw fail('thread.person-required');
  return { ...side, userId };
}

function partyIdOf(principal: Principal, party: Party): string | undefined {
  const ids: Readonly<Record<Party, string | undefined>> = {
    doctor: principal.providerId,
    pharmacy: principal.pharmacyId,
    patient: principal.patientId,
    ops: principal.organizationId,
  };
  return ids[party];
}
