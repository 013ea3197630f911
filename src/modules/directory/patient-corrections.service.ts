import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { fail } from './directory.errors.js';
import { zipAgainstState } from './identifiers/index.js';
import { lockKeysOf, patientKeysOf } from './patient-keys.js';
import { decideMatch, matchValuesOf, type PostalAddress } from './patient-match.policy.js';
import { openedProfile, profileOf, profilePlace, stateOfProfile } from './patient-profile.js';
import { Patient } from './patient.entity.js';
import { Patients, recordOf, type OpenPatient } from './patients.service.js';
import {
  correctPatient,
  insertPatientReviews,
  isPatientSeen,
  lockPatientKeys,
  patientsSharing,
} from './patients.store.js';
import { Pharmacy } from './pharmacy.entity.js';

/** What a person found out; what is absent stays. */
export interface PatientCorrection {
  email?: string;
  phone?: string;
  /** Replaces the address on file as a whole. */
  address?: PostalAddress;
  /** Null: no preference any more. */
  preferredPharmacyId?: string | null;
}

/**
 * Messages of senders fill gaps only (`completedProfile`); what is wrong on file is corrected by a person. Contacts are what
 * links are sent to, so whom they may belong to otherwise is doubted as it is for a new patient.
 */
@Injectable()
export class PatientCorrections {
  constructor(
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    private readonly patients: Patients,
  ) {}

  /** @throws patient.not-found, patient.zip-outside-state, pharmacy.not-found */
  async correct(tx: Tx, patientId: string, correction: PatientCorrection): Promise<OpenPatient> {
    const { address, preferredPharmacyId, ...contact } = correction;
    if (address?.zip !== undefined && zipAgainstState(address.zip, address.state ?? '') === 'disagrees')
      throw fail('patient.zip-outside-state');
    const row = await tx.row(Patient, { id: patientId }, { lock: true });
    if (row === undefined || !(await isPatientSeen(tx, row))) throw fail('patient.not-found');
    const { organizationId } = row;
    await this.mustBeOurs(tx, organizationId, preferredPharmacyId ?? undefined);
    const known = openedProfile(this.keyring, patientId, row.profileSealed);
    const { firstName, lastName } = row;
    const person = { ...known, ...contact, ...(address !== undefined && { address }), firstName, lastName };
    const profile = profileOf(person);
    const values = matchValuesOf({ ...person, ...(row.externalId !== null && { externalId: row.externalId }) });
    const keys = patientKeysOf(this.keyring, organizationId, values);
    await lockPatientKeys(tx, lockKeysOf(this.keyring, organizationId, keys));
    const now = this.clock.now();
    const preferred = preferredPharmacyId === undefined ? row.preferredPharmacyId : preferredPharmacyId;
    await correctPatient(tx, {
      ...keys,
      id: patientId,
      profileSealed: this.keyring.seal(profilePlace(patientId), JSON.stringify(profile)),
      state: stateOfProfile(profile),
      preferredPharmacyId: preferred,
      addressSetAt: address === undefined ? row.addressSetAt : now,
      now,
    });
    const sharing = await patientsSharing(tx, organizationId, keys);
    const others = sharing.filter(({ id }) => id !== patientId).map((other) => recordOf(other, keys));
    const doubts = decideMatch({ firstName }, others).reviews.map((review) => ({ id: newId(), ...review }));
    if (doubts.length > 0) await insertPatientReviews(tx, { organizationId, patientId }, doubts, now);
    return this.patients.profile(tx, patientId);
  }

  private async mustBeOurs(tx: Tx, organizationId: string, pharmacyId: string | undefined): Promise<void> {
    if (pharmacyId === undefined) return;
    const pharmacy = await tx.row(Pharmacy, { id: pharmacyId, organizationId });
    if (pharmacy === undefined) throw fail('pharmacy.not-found');
  }
}
