import type { Keyring } from '../../platform/crypto/index.js';
import type { MatchValues } from './patient-match.policy.js';

/** Keyed digests a patient is found by. The organization is part of each: equal digests elsewhere say nothing. */
export interface PatientKeys {
  externalId: string | null;
  emailIndex: string | null;
  phoneIndex: string | null;
  emailBirthIndex: string | null;
  phoneBirthIndex: string | null;
  nameBirthZipIndex: string | null;
}

export function patientKeysOf(keyring: Keyring, organizationId: string, values: MatchValues): PatientKeys {
  const index = (scope: string, value: string | undefined) =>
    value === undefined ? null : keyring.blindIndex(`patients.${scope}`, `${organizationId}|${value}`);
  return {
    externalId: values.externalId ?? null,
    emailIndex: index('email', values.email),
    phoneIndex: index('phone', values.phone),
    emailBirthIndex: index('email_birth', values.emailBirth),
    phoneBirthIndex: index('phone_birth', values.phoneBirth),
    nameBirthZipIndex: index('name_birth_zip', values.nameBirthZip),
  };
}

/**
 * Advisory lock keys, one for each value two messages about one new patient can have in common; taken in ascending order, so
 * that two callers never wait for each other.
 */
export function lockKeysOf(keyring: Keyring, organizationId: string, keys: PatientKeys): string[] {
  const external =
    keys.externalId === null
      ? null
      : keyring.blindIndex('patients.external_id', `${organizationId}|${keys.externalId}`);
  return [external, keys.emailIndex, keys.phoneIndex, keys.nameBirthZipIndex]
    .filter((digest) => digest !== null)
    .map((digest) => BigInt.asIntN(64, BigInt(`0x${digest.slice(0, 16)}`)))
    .sort((left, right) => (left < right ? -1 : Number(left > right)))
    .map(String);
}
