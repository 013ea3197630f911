import { comparableLastName, firstNamesAgree } from '../directory/index.js';
import type { Contact } from './wire/parts.js';

/** A patient on file who shares a value with a customer. */
export interface PatientCandidate {
  id: string;
  firstName: string;
  lastName: string;
  sharesExternalId: boolean;
  sharesEmail: boolean;
  sharesPhone: boolean;
}

interface Named {
  firstName: string | null;
  lastName: string | null;
}

/**
 * Of each field the latest word: who is named by the email alone has not lost the name, by which alone it is seen that the patient
 * of this email is somebody else.
 * @param inOrder as they were said
 */
export function mergedContact(inOrder: readonly Contact[]): Contact {
  return inOrder.reduce<Contact>((known, contact) => ({ ...known, ...contact }), {});
}

/** CarePortals tells no birth date, so names must agree too: an id may be another sender's, and one phone serves a household. */
const stages: readonly ((candidate: PatientCandidate, customer: Named) => boolean)[] = [
  (candidate, customer) => candidate.sharesExternalId && namesAgree(candidate, customer),
  (candidate, customer) => candidate.sharesEmail && namesAgree(candidate, customer),
  (candidate, customer) => candidate.sharesPhone && customer.lastName !== null && namesAgree(candidate, customer),
];

/** @returns undefined when there is none, or several that it may be */
export function patientOf(customer: Named, candidates: readonly PatientCandidate[]): string | undefined {
  for (const fits of stages) {
    const [found, ...others] = candidates.filter((candidate) => fits(candidate, customer));
    if (found !== undefined) return others.length === 0 ? found.id : undefined;
  }
  return undefined;
}

function namesAgree(candidate: PatientCandidate, { firstName, lastName }: Named): boolean {
  const last = lastName === null || comparableLastName(lastName) === comparableLastName(candidate.lastName);
  return last && (firstName === null || firstNamesAgree(firstName, candidate.firstName));
}
