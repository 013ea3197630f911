import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { fail } from './directory.errors.js';
import { lockKeysOf, patientKeysOf, type PatientKeys } from './patient-keys.js';
import {
  decideMatch,
  matchValuesOf,
  type IdentifiedPatient,
  type MatchDecision,
  type MatchedBy,
  type PatientOnRecord,
  type PostalAddress,
} from './patient-match.policy.js';
import {
  completedProfile,
  openedProfile,
  profileOf,
  profilePlace,
  stateOfProfile,
  type PatientProfile,
} from './patient-profile.js';
import { Patient } from './patient.entity.js';
import {
  fillPatient,
  insertPatient,
  insertPatientReviews,
  isPatientSeen,
  lockPatientKeys,
  patientsSharing,
  patientsWithPhone,
  type NewReview,
  type PatientRow,
} from './patients.store.js';

export interface PatientMatch {
  patientId: string;
  created: boolean;
  matchedBy: MatchedBy;
  /** Doubts noted for ops, new and known ones. */
  reviews: number;
}

/** Somebody the directory knows, with what is on file. */
export interface KnownPatient {
  patientId: string;
  onFile: { firstName: string; lastName: string; birthDate: string; address?: PostalAddress };
}

/** Whom a message means, before anything of it is written; for `keep` in the same transaction, which holds the locks. */
export interface PatientSearch {
  organizationId: string;
  candidate: IdentifiedPatient;
  keys: PatientKeys;
  reviews: readonly NewReview[];
  /** Absent, both: nobody yet. */
  match?: Match;
  known?: KnownPatient;
}

/** A patient opened: contact data and birth date are for those who may see them. */
export interface OpenPatient extends PatientProfile {
  id: string;
  organizationId: string;
  externalId: string | null;
  firstName: string;
  lastName: string;
  gender: string | null;
  preferredPharmacyId: string | null;
  /** When a person last corrected the address; null: it is as a sender gave it. */
  addressSetAt: Date | null;
  createdAt: Date;
}

type Found = PatientOnRecord & { stored: PatientRow };
type Match = NonNullable<MatchDecision<Found>['match']> & { profile: PatientProfile };

@Injectable()
export class Patients {
  constructor(
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  /** Whose phone this is, in whichever organization; a family may share one. @param phone E.164 */
  async withPhone(tx: Tx, phone: string): Promise<{ id: string; organizationId: string }[]> {
    const organizations = await tx.query<{ id: string }>('SELECT id FROM organizations');
    const digests = organizations.map(({ id }) => patientKeysOf(this.keyring, id, { phone }).phoneIndex);
    return patientsWithPhone(
      tx,
      organizations.map(({ id }) => id),
      digests,
    );
  }

  /**
   * Finds or creates the patient, the same way for every door: external id → email + birth date → phone + birth date → last
   * name + birth date + ZIP. A contact known with another birth date never merges; it makes a review. Calls about one person at
   * the same time end in one patient.
   * @throws patient.unfindable when there is no value to find the patient by (see `isIdentified`)
   */
  async matchPatient(tx: Tx, organizationId: string, candidate: IdentifiedPatient): Promise<PatientMatch> {
    return await this.keep(tx, await this.search(tx, organizationId, candidate));
  }

  /**
   * Who it would be, with nothing written: what turns out to be wrong must not become what is on file.
   * @throws patient.unfindable
   */
  async search(tx: Tx, organizationId: string, candidate: IdentifiedPatient): Promise<PatientSearch> {
    const values = matchValuesOf(candidate);
    if (Object.keys(values).length === 0) throw fail('patient.unfindable');
    const keys = patientKeysOf(this.keyring, organizationId, values);
    await lockPatientKeys(tx, lockKeysOf(this.keyring, organizationId, keys));
    const rows = await patientsSharing(tx, organizationId, keys);
    const { match, reviews } = decideMatch(
      candidate,
      rows.map((row) => recordOf(row, keys)),
    );
    const doubts = reviews.map((review) => ({ id: newId(), ...review }));
    const search = { organizationId, candidate, keys, reviews: doubts };
    if (match === undefined) return search;
    const { stored } = match.row;
    const profile = openedProfile(this.keyring, stored.id, stored.profileSealed);
    return { ...search, match: { ...match, profile }, known: knownOf({ ...stored, ...profile }) };
  }

  /** Creates who is new, fills the gaps of who is known, and notes the doubts. */
  async keep(tx: Tx, search: PatientSearch): Promise<PatientMatch> {
    const { match } = search;
    return match === undefined ? await this.create(tx, search) : await this.recognise(tx, search, match);
  }

  /** A patient who was named and not searched for. @throws patient.not-found */
  async known(tx: Tx, patientId: string): Promise<KnownPatient> {
    return knownOf(await this.profile(tx, patientId));
  }

  /** @throws patient.not-found */
  async profile(tx: Tx, patientId: string): Promise<OpenPatient> {
    const row = await tx.row(Patient, { id: patientId });
    if (row === undefined || !(await isPatientSeen(tx, row))) throw fail('patient.not-found');
    return this.opened(row);
  }

  /** At most one: an organization uses an external id once. */
  async byExternalId(tx: Tx, organizationId: string, externalId: string): Promise<OpenPatient[]> {
    const rows = await tx.rows(Patient, { organizationId, externalId });
    return rows.map((row) => this.opened(row));
  }

  private opened(row: Patient): OpenPatient {
    return {
      id: row.id,
      organizationId: row.organizationId,
      externalId: row.externalId,
      firstName: row.firstName,
      lastName: row.lastName,
      gender: row.gender,
      preferredPharmacyId: row.preferredPharmacyId,
      addressSetAt: row.addressSetAt,
      createdAt: row.createdAt,
      ...openedProfile(this.keyring, row.id, row.profileSealed),
    };
  }

  private async create(tx: Tx, search: PatientSearch): Promise<PatientMatch> {
    const { organizationId, candidate, keys, reviews } = search;
    const id = newId();
    const { firstName, lastName } = candidate;
    const profile = profileOf(candidate);
    const profileSealed = this.seal(id, profile);
    const state = stateOfProfile(profile);
    const gender = candidate.gender ?? null;
    await insertPatient(
      tx,
      { id, organizationId, firstName, lastName, gender, state, profileSealed, ...keys },
      reviews,
      this.clock.now(),
    );
    return { patientId: id, created: true, matchedBy: 'created', reviews: reviews.length };
  }

  private async recognise(
    tx: Tx,
    { organizationId, candidate, keys, reviews }: PatientSearch,
    { row: { stored }, by, profile }: Match,
  ): Promise<PatientMatch> {
    // Another birth date under a known external id is for validation to name; nothing is learnt from such a message.
    if (profile.birthDate === candidate.birthDate && hasGaps(stored, keys))
      await this.fill(tx, stored.id, candidate, keys);
    if (reviews.length > 0) {
      await insertPatientReviews(tx, { organizationId, patientId: stored.id }, reviews, this.clock.now());
    }
    return { patientId: stored.id, created: false, matchedBy: by, reviews: reviews.length };
  }

  /** What a person corrected since the search stays. */
  private async fill(tx: Tx, id: string, candidate: IdentifiedPatient, keys: PatientKeys): Promise<void> {
    const row = await tx.row(Patient, { id }, { lock: true });
    if (row === undefined) throw fail('patient.not-found');
    const profile = openedProfile(this.keyring, id, row.profileSealed);
    if (profile.birthDate !== candidate.birthDate) return;
    const completed = completedProfile(profile, candidate);
    const profileSealed = this.seal(id, completed);
    await fillPatient(tx, { ...keys, id, profileSealed, state: stateOfProfile(completed) }, this.clock.now());
  }

  private seal(id: string, profile: PatientProfile): Buffer {
    return this.keyring.seal(profilePlace(id), JSON.stringify(profile));
  }
}

/** A patient on file as the matching rules see it beside these keys. */
export function recordOf(stored: PatientRow, keys: PatientKeys): Found {
  const shares = (key: keyof PatientKeys) => keys[key] !== null && keys[key] === stored[key];
  return {
    id: stored.id,
    firstName: stored.firstName,
    gender: stored.gender,
    externalId: stored.externalId,
    stored,
    sharesExternalId: shares('externalId'),
    sharesEmail: shares('emailIndex'),
    sharesPhone: shares('phoneIndex'),
    sharesEmailBirth: shares('emailBirthIndex'),
    sharesPhoneBirth: shares('phoneBirthIndex'),
    sharesNameBirthZip: shares('nameBirthZipIndex'),
  };
}

function knownOf(patient: { id: string } & KnownPatient['onFile']): KnownPatient {
  const { id, firstName, lastName, birthDate, address } = patient;
  return { patientId: id, onFile: { firstName, lastName, birthDate, ...(address !== undefined && { address }) } };
}

const fillable = ['externalId', 'emailIndex', 'phoneIndex', 'nameBirthZipIndex'] as const;

function hasGaps(stored: PatientRow, keys: PatientKeys): boolean {
  return fillable.some((key) => stored[key] === null && keys[key] !== null);
}
