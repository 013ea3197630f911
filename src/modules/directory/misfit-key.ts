import type { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { patientKeysOf, type PatientKeys } from './patient-keys.js';
import { matchValuesOf } from './patient-match.policy.js';
import { openedProfile, profilePlace } from './patient-profile.js';

/** The setting whose key the patients of a database were not written with. */
export type MisfitKey = 'DATA_KEYS' | 'BLIND_INDEX_KEY';

interface SampleRow extends Pick<PatientKeys, 'emailIndex' | 'phoneIndex' | 'nameBirthZipIndex'> {
  id: string;
  organizationId: string;
  firstName: string;
  lastName: string;
  sealed: Buffer;
}

const columns = `id, organization_id AS "organizationId", first_name AS "firstName", last_name AS "lastName",
  profile_sealed AS sealed, email_index AS "emailIndex", phone_index AS "phoneIndex",
  name_birth_zip_index AS "nameBirthZipIndex"`;

const sampleSql = `(SELECT ${columns} FROM patients ORDER BY id LIMIT 1)
  UNION ALL (SELECT ${columns} FROM patients ORDER BY id DESC LIMIT 1)`;

/**
 * Looks at the first patient and the last. With other data keys nothing on file can be read; with another index key every
 * patient is taken for a new one. Both would only show once new rows were written that fit no more than the old ones.
 */
export async function misfitKey(tx: Tx, keyring: Keyring): Promise<MisfitKey | undefined> {
  const rows = (await tx.query<SampleRow>(sampleSql)).filter(({ sealed }) => keyring.isSealed(sealed));
  if (rows.some(({ id, sealed }) => !keyring.opens(profilePlace(id), sealed))) return 'DATA_KEYS';
  const found = rows.flatMap((row) => indexMatches(keyring, row));
  return found.length > 0 && !found.includes(true) ? 'BLIND_INDEX_KEY' : undefined;
}

/** For each index on file, whether this key leads to it. One that was kept from an earlier contact may differ, not all. */
function indexMatches(keyring: Keyring, row: SampleRow): boolean[] {
  const { id, organizationId, firstName, lastName, sealed } = row;
  const values = matchValuesOf({ firstName, lastName, ...openedProfile(keyring, id, sealed) });
  const keys = patientKeysOf(keyring, organizationId, values);
  return (['emailIndex', 'phoneIndex', 'nameBirthZipIndex'] as const).flatMap((name) =>
    row[name] === null || keys[name] === null ? [] : [row[name] === keys[name]],
  );
}
