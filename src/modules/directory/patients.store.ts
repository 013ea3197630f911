import type { Statement, Tx } from '../../platform/db/index.js';
import { isSeenBy } from '../auth/index.js';
import type { PatientKeys } from './patient-keys.js';
import type { ReviewReason } from './patient-match.policy.js';

export interface PatientRow extends PatientKeys {
  id: string;
  firstName: string;
  lastName: string;
  gender: string | null;
  profileSealed: Buffer;
}

export interface NewPatientRow extends PatientRow {
  organizationId: string;
  state: string | null;
}

export interface NewReview {
  id: string;
  otherPatientId: string;
  reason: ReviewReason;
}

const lock: Statement = {
  name: 'patients_lock',
  text: `SELECT pg_advisory_xact_lock(key) FROM (SELECT key FROM unnest($1::bigint[]) AS key ORDER BY key) AS keys`,
};

const sharing: Statement = {
  name: 'patients_sharing',
  text: `SELECT id, first_name AS "firstName", last_name AS "lastName", gender, external_id AS "externalId",
      profile_sealed AS "profileSealed", email_index AS "emailIndex", phone_index AS "phoneIndex",
      email_birth_index AS "emailBirthIndex", phone_birth_index AS "phoneBirthIndex",
      name_birth_zip_index AS "nameBirthZipIndex"
    FROM patients
    WHERE organization_id = $1
      AND (external_id = $2 OR email_index = $3 OR phone_index = $4 OR name_birth_zip_index = $5)
    ORDER BY created_at, id`,
};

const insertReviewsCte = `
  INSERT INTO patient_reviews (id, organization_id, patient_id, other_patient_id, reason, created_at)
  SELECT review.id, $1, $2, review.other, review.reason, $3
  FROM unnest($4::uuid[], $5::uuid[], $6::text[]) AS review(id, other, reason)
  ON CONFLICT ON CONSTRAINT patient_reviews_pair DO NOTHING`;

const insert: Statement = {
  name: 'patients_insert',
  text: `WITH reviews AS (${insertReviewsCte})
    INSERT INTO patients (organization_id, id, created_at, updated_at, first_name, last_name, external_id, gender, state,
      profile_sealed, email_index, phone_index, email_birth_index, phone_birth_index, name_birth_zip_index)
    VALUES ($1, $2, $3, $3, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
};

const insertReviews: Statement = { name: 'patients_insert_reviews', text: insertReviewsCte };

/** Only what was empty is filled, so a late or hostile message cannot redirect links that are sent to the contact on file. */
const fill: Statement = {
  name: 'patients_fill',
  text: `UPDATE patients SET profile_sealed = $2, updated_at = $3, external_id = coalesce(external_id, $4),
      state = $5, email_index = coalesce(email_index, $6), phone_index = coalesce(phone_index, $7),
      email_birth_index = coalesce(email_birth_index, $8), phone_birth_index = coalesce(phone_birth_index, $9),
      name_birth_zip_index = coalesce(name_birth_zip_index, $10)
    WHERE id = $1`,
};

/** Waits until no other transaction works on a patient with one of these values. The next statement sees what it did. */
export async function lockPatientKeys(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.send(lock, [keys]);
}

/** Patients who share a value, oldest first. */
export async function patientsSharing(tx: Tx, organizationId: string, keys: PatientKeys): Promise<PatientRow[]> {
  const { externalId, emailIndex, phoneIndex, nameBirthZipIndex } = keys;
  return await tx.run<PatientRow>(sharing, [organizationId, externalId, emailIndex, phoneIndex, nameBirthZipIndex]);
}

/** Everything at once: the caller has locked the row and worked out what stays. */
const correct: Statement = {
  name: 'patients_correct',
  text: `UPDATE patients SET profile_sealed = $2, updated_at = $3, state = $4, preferred_pharmacy_id = $5, address_set_at = $6,
      email_index = $7, phone_index = $8, email_birth_index = $9, phone_birth_index = $10, name_birth_zip_index = $11
    WHERE id = $1`,
};

export interface CorrectedPatientRow extends PatientKeys {
  id: string;
  profileSealed: Buffer;
  state: string | null;
  preferredPharmacyId: string | null;
  addressSetAt: Date | null;
  now: Date;
}

export async function correctPatient(tx: Tx, row: CorrectedPatientRow): Promise<void> {
  await tx.send(correct, [
    row.id,
    row.profileSealed,
    row.now,
    row.state,
    row.preferredPharmacyId,
    row.addressSetAt,
    row.emailIndex,
    row.phoneIndex,
    row.emailBirthIndex,
    row.phoneBirthIndex,
    row.nameBirthZipIndex,
  ]);
}

/** @param digests of one phone, one per organization */
export async function patientsWithPhone(
  tx: Tx,
  organizationIds: readonly string[],
  digests: readonly (string | null)[],
): Promise<{ id: string; organizationId: string }[]> {
  return tx.query(
    `SELECT p.id, p.organization_id AS "organizationId"
     FROM unnest($1::uuid[], $2::text[]) AS phone(organization_id, digest)
     JOIN patients p ON p.organization_id = phone.organization_id AND p.phone_index = phone.digest
     ORDER BY p.id`,
    [organizationIds, digests],
  );
}

export async function insertPatient(
  tx: Tx,
  row: NewPatientRow,
  reviews: readonly NewReview[],
  now: Date,
): Promise<void> {
  await tx.send(insert, [
    ...reviewValues(row.organizationId, row.id, reviews, now),
    row.firstName,
    row.lastName,
    row.externalId,
    row.gender,
    row.state,
    row.profileSealed,
    row.emailIndex,
    row.phoneIndex,
    row.emailBirthIndex,
    row.phoneBirthIndex,
    row.nameBirthZipIndex,
  ]);
}

export async function insertPatientReviews(
  tx: Tx,
  about: { organizationId: string; patientId: string },
  reviews: readonly NewReview[],
  now: Date,
): Promise<void> {
  await tx.send(insertReviews, reviewValues(about.organizationId, about.patientId, reviews, now));
}

export async function fillPatient(
  tx: Tx,
  row: { id: string; profileSealed: Buffer; state: string | null } & PatientKeys,
  now: Date,
): Promise<void> {
  await tx.send(fill, [
    row.id,
    row.profileSealed,
    now,
    row.externalId,
    row.state,
    row.emailIndex,
    row.phoneIndex,
    row.emailBirthIndex,
    row.phoneBirthIndex,
    row.nameBirthZipIndex,
  ]);
}

function reviewValues(organizationId: string, patientId: string, reviews: readonly NewReview[], now: Date) {
  return [
    organizationId,
    patientId,
    now,
    reviews.map(({ id }) => id),
    reviews.map(({ otherPatientId }) => otherPatientId),
    reviews.map(({ reason }) => reason),
  ] as const;
}

/** Staff and the patient; a doctor by a prescription that names both. */
export async function isPatientSeen(tx: Tx, { id, organizationId }: Pick<NewPatientRow, 'id' | 'organizationId'>) {
  if (isSeenBy(tx.context, { organizationId, patientId: id })) return true;
  const { organization, provider } = tx.context;
  if (organization !== organizationId || provider === undefined) return false;
  const prescribed = await tx.one(
    'SELECT 1 FROM prescriptions WHERE patient_id = $1 AND provider_id = $2 AND organization_id = $3 LIMIT 1',
    [id, provider, organizationId],
  );
  return prescribed !== undefined;
}
