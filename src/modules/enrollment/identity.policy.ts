import { constantTimeEqual } from '../../platform/crypto/index.js';
import { comparableLastName } from '../directory/index.js';

/** What a person is asked beside the birth date. */
export const secondProofs = ['zip', 'lastName'] as const;
export type SecondProof = (typeof secondProofs)[number];

export interface Proof {
  /** YYYY-MM-DD */
  birthDate: string;
  zip?: string | undefined;
  lastName?: string | undefined;
}

/** What the directory knows of the patient, opened. */
export interface KnownPerson {
  birthDate: string;
  lastName: string;
  address?: { zip?: string } | undefined;
}

/**
 * The ZIP code, or, when none is on file, the last name: whoever was sent the link by mistake knows
 * the phone number and the address it came to, but no message says a last name.
 */
export function secondProofOf(person: KnownPerson): SecondProof {
  return zipDigits(person.address?.zip ?? '').length === 5 ? 'zip' : 'lastName';
}

/** Never with less than was asked: a last name does not open what has a ZIP code. All parts are compared, in constant time. */
export function isProven(person: KnownPerson, proof: Proof): boolean {
  const { known, given } = seconds[secondProofOf(person)](person, proof);
  const sameDate = constantTimeEqual(person.birthDate, proof.birthDate);
  return constantTimeEqual(known, given) && sameDate && known !== '';
}

const seconds: Readonly<Record<SecondProof, (person: KnownPerson, proof: Proof) => { known: string; given: string }>> =
  {
    zip: ({ address }, { zip }) => ({ known: zipDigits(address?.zip ?? ''), given: zipDigits(zip ?? '') }),
    lastName: ({ lastName }, given) => ({
      known: comparableLastName(lastName),
      given: comparableLastName(given.lastName ?? ''),
    }),
  };

/** The five digits of a ZIP code, whatever is written around them. */
function zipDigits(zip: string): string {
  return zip.replaceAll(/\D/g, '').slice(0, 5);
}
