import { z } from 'zod';
import type { Keyring, Place } from '../../platform/crypto/index.js';
import { zip5Of } from './identifiers/index.js';
import { normalizedEmail, normalizedPhone, type IdentifiedPatient } from './patient-match.policy.js';

const text = z.string().exactOptional();

/** What is sealed in a patient's row. Email is lower case, phone is E.164, each as received when it could not be read. */
const profileSchema = z.object({
  birthDate: z.string(),
  middleName: text,
  email: text,
  phone: text,
  address: z.object({ line1: text, line2: text, city: text, state: text, zip: text }).exactOptional(),
});

export type PatientProfile = z.infer<typeof profileSchema>;

export function profilePlace(patientId: string): Place {
  return { table: 'patients', column: 'profile_sealed', row: patientId };
}

export function openedProfile(keyring: Keyring, patientId: string, sealed: Buffer): PatientProfile {
  return profileSchema.parse(JSON.parse(keyring.openText(profilePlace(patientId), sealed)));
}

export function profileOf(candidate: IdentifiedPatient): PatientProfile {
  const { birthDate, middleName, address } = candidate;
  const email = normalizedEmail(candidate.email) ?? candidate.email;
  const phone = normalizedPhone(candidate.phone) ?? candidate.phone;
  return {
    birthDate,
    ...(middleName !== undefined && { middleName }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(address !== undefined && { address }),
  };
}

/** What is on file and usable stays; only what was missing is taken over. An address is one thing, never mixed of two. */
export function completedProfile(known: PatientProfile, candidate: IdentifiedPatient): PatientProfile {
  const sent = profileOf(candidate);
  const email = normalizedEmail(known.email) ?? sent.email ?? known.email;
  const phone = normalizedPhone(known.phone) ?? sent.phone ?? known.phone;
  const address = zip5Of(known.address?.zip ?? '') === undefined ? (sent.address ?? known.address) : known.address;
  return {
    ...sent,
    ...known,
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(address !== undefined && { address }),
  };
}

/** The state decides licences, so the row repeats it readably. */
export function stateOfProfile({ address }: PatientProfile): string | null {
  const state = address?.state?.trim().toUpperCase() ?? '';
  return state === '' ? null : state;
}

/** Whether the address on file overrules one that was received then. A sender's newer word counts more than an older one. */
export function isCorrectedSince({ addressSetAt }: { addressSetAt: Date | null }, receivedAt: Date): boolean {
  return addressSetAt !== null && addressSetAt > receivedAt;
}
