import { namesAgree, type Names } from './customer-names.policy.js';

/** A patient on file who shares a value with a customer. */
export interface PatientCandidate {
  id: string;
  firstName: string;
  lastName: string;
  sharesExternalId: boolean;
  sharesEmail: boolean;
  sharesPhone: boolean;
}

/** CarePortals tells no birth date, so names must agree too: an id may be another sender's, and one phone serves a household. */
const stages: readonly ((candidate: PatientCandidate, customer: Names) => boolean)[] = [
  (candidate, customer) => candidate.sharesExternalId && namesAgree(candidate, customer),
  (candidate, customer) => candidate.sharesEmail && namesAgree(candidate, customer),
  (candidate, customer) => candidate.sharesPhone && customer.lastName !== null && namesAgree(candidate, customer),
];

/** @returns undefined when there is none, or several that it may be */
export function patientOf(customer: Names, candidates: readonly PatientCandidate[]): string | undefined {
  for (const fits of stages) {
    const [found, ...others] = candidates.filter((candidate) => fits(candidate, customer));
    if (found !== undefined) return others.length === 0 ? found.id : undefined;
  }
  return undefined;
}
