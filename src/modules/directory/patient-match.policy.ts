import { comparableLastName, firstNamesAgree, isSameFirstName } from './person-name.policy.js';
import { normalizePhone, zip5Of } from './identifiers/index.js';

/** A postal address as senders give it. */
export interface PostalAddress {
  line1?: string;
  line2?: string;
  city?: string;
  state?: string;
  zip?: string;
}

/** What a door says about a patient. */
export interface PatientCandidate {
  externalId?: string;
  firstName?: string;
  middleName?: string;
  lastName?: string;
  /** YYYY-MM-DD */
  birthDate?: string;
  gender?: 'male' | 'female' | 'other' | 'unknown';
  email?: string;
  phone?: string;
  address?: PostalAddress;
}

/** Enough to be somebody. */
export type IdentifiedPatient = PatientCandidate & { firstName: string; lastName: string; birthDate: string };

export type MatchedBy = 'external_id' | 'email' | 'phone' | 'name' | 'created';
export const reviewReasons = ['email_other_birth_date', 'phone_other_birth_date', 'first_name_differs'] as const;
export type ReviewReason = (typeof reviewReasons)[number];

/** Normalised values a patient can be found by, each only when it is usable. */
export interface MatchValues {
  externalId?: string;
  email?: string;
  phone?: string;
  emailBirth?: string;
  phoneBirth?: string;
  nameBirthZip?: string;
}

/** A patient on file who shares at least one value with the candidate. */
export interface PatientOnRecord {
  id: string;
  firstName: string;
  gender: string | null;
  externalId: string | null;
  sharesExternalId: boolean;
  sharesEmail: boolean;
  sharesPhone: boolean;
  sharesEmailBirth: boolean;
  sharesPhoneBirth: boolean;
  sharesNameBirthZip: boolean;
}

export interface MatchDecision<Row extends PatientOnRecord> {
  match?: { row: Row; by: Exclude<MatchedBy, 'created'> };
  /** Whom this patient must not be mistaken for, unseen by a person. */
  reviews: { otherPatientId: string; reason: ReviewReason }[];
}

const isoDate = /^\d{4}-\d{2}-\d{2}$/;

/** Names, a birth date and one value to be found by; without the last, every message would make another patient. */
export function isIdentified(candidate: PatientCandidate): candidate is IdentifiedPatient {
  return hasNameAndBirthDate(candidate) && Object.keys(matchValuesOf(candidate)).length > 0;
}

function hasNameAndBirthDate(candidate: PatientCandidate): candidate is IdentifiedPatient {
  const { firstName, lastName, birthDate } = candidate;
  return isFilled(firstName) && isFilled(lastName) && birthDate !== undefined && isoDate.test(birthDate);
}

export function matchValuesOf(candidate: IdentifiedPatient): MatchValues {
  const { birthDate } = candidate;
  const externalId = candidate.externalId?.trim();
  const email = normalizedEmail(candidate.email);
  const phone = normalizedPhone(candidate.phone);
  const zip = zip5Of(candidate.address?.zip ?? '');
  const lastName = comparableLastName(candidate.lastName);
  return {
    ...(isFilled(externalId) && { externalId }),
    ...(email !== undefined && { email, emailBirth: `${email}|${birthDate}` }),
    ...(phone !== undefined && { phone, phoneBirth: `${phone}|${birthDate}` }),
    ...(zip !== undefined && lastName !== '' && { nameBirthZip: `${lastName}|${birthDate}|${zip}` }),
  };
}

/** The order of trust. The sender's own id needs no second witness; the others need a first name that may be the same. */
const stages = [
  { by: 'external_id', shares: (row: PatientOnRecord) => row.sharesExternalId, wantsFirstName: false },
  { by: 'email', shares: (row: PatientOnRecord) => row.sharesEmailBirth, wantsFirstName: true },
  { by: 'phone', shares: (row: PatientOnRecord) => row.sharesPhoneBirth, wantsFirstName: true },
  { by: 'name', shares: (row: PatientOnRecord) => row.sharesNameBirthZip, wantsFirstName: true },
] as const;

/** One family or nursing home may share a phone; a list of hundreds helps nobody decide. */
const mostReviewsPerReason = 5;

/** What tells those apart who share everything else. */
type Named = Pick<IdentifiedPatient, 'firstName' | 'gender' | 'externalId'>;

/** @param rows oldest first: of two that match equally the older stands */
export function decideMatch<Row extends PatientOnRecord>(candidate: Named, rows: readonly Row[]): MatchDecision<Row> {
  const match = matchOf(candidate, rows);
  const others = rows.filter((row) => row !== match?.row);
  const reasons = match === undefined ? doubts : doubts.filter(({ onlyWhenNew }) => !onlyWhenNew);
  const reviews = reasons.flatMap(({ reason, applies }) =>
    others
      .filter(applies)
      .slice(0, mostReviewsPerReason)
      .map((row) => ({ otherPatientId: row.id, reason })),
  );
  return { ...(match && { match }), reviews };
}

function matchOf<Row extends PatientOnRecord>(candidate: Named, rows: readonly Row[]): MatchDecision<Row>['match'] {
  for (const { by, shares, wantsFirstName } of stages) {
    const sharing = rows.filter(shares);
    const row = wantsFirstName
      ? (sharing.find((known) => isSameFirstName(candidate.firstName, known.firstName)) ??
        sharing.find((known) => mayBeShortFor(candidate, known)))
      : sharing[0];
    if (row !== undefined) return { row, by };
  }
  return undefined;
}

/** "Jon" may be Jonathan; "Daniel" is no short form of his twin Daniela's name, nor is Ann her sister Anna of another number. */
function mayBeShortFor({ firstName, gender, externalId }: Named, known: PatientOnRecord): boolean {
  const isOtherGender = known.gender === opposite[gender ?? 'unknown'];
  const isOtherNumber = isFilled(externalId) && known.externalId !== null && !known.sharesExternalId;
  return firstNamesAgree(firstName, known.firstName) && !isOtherGender && !isOtherNumber;
}

const opposite: Readonly<Partial<Record<NonNullable<Named['gender']>, string>>> = { male: 'female', female: 'male' };

const sharesBirthDate = (row: PatientOnRecord) =>
  row.sharesEmailBirth || row.sharesPhoneBirth || row.sharesNameBirthZip;

/** `first_name_differs`: everything but the first name agrees, as with twins; once both are on file there is no doubt left. */
const doubts: readonly {
  reason: ReviewReason;
  applies: (row: PatientOnRecord) => boolean;
  onlyWhenNew: boolean;
}[] = [
  {
    reason: 'email_other_birth_date',
    applies: (row) => row.sharesEmail && !row.sharesEmailBirth,
    onlyWhenNew: false,
  },
  {
    reason: 'phone_other_birth_date',
    applies: (row) => row.sharesPhone && !row.sharesPhoneBirth,
    onlyWhenNew: false,
  },
  { reason: 'first_name_differs', applies: sharesBirthDate, onlyWhenNew: true },
];

export function normalizedEmail(email: string | undefined): string | undefined {
  const text = email?.trim().toLowerCase();
  return isFilled(text) && text.includes('@') ? text : undefined;
}

export function normalizedPhone(phone: string | undefined): string | undefined {
  if (!isFilled(phone)) return undefined;
  const read = normalizePhone(phone);
  return read.kind === 'ok' ? read.e164 : undefined;
}

function isFilled(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}
