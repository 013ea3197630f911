import type { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { isE164 } from './identifiers/index.js';
import { openedProfile } from './patient-profile.js';

export interface PhonesPage {
  checked: number;
  /** Patients whose phone is given and cannot be written to. */
  unusable: string[];
  /** Where the next page starts; undefined at the end. */
  next: string | undefined;
}

const pageSize = 500;

/** Phones are sealed, so they are opened page by page; nothing but ids leaves this function. */
export async function unusablePhones(tx: Tx, keyring: Keyring, after?: string): Promise<PhonesPage> {
  const rows = await tx.query<{ id: string; sealed: Buffer }>(
    `SELECT id, profile_sealed AS sealed FROM patients WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`,
    [after ?? null, pageSize],
  );
  const unusable = rows.filter(({ id, sealed }) => isUnusable(openedProfile(keyring, id, sealed).phone));
  return {
    checked: rows.length,
    unusable: unusable.map(({ id }) => id),
    next: rows.length < pageSize ? undefined : rows.at(-1)?.id,
  };
}

function isUnusable(phone: string | undefined): boolean {
  return phone !== undefined && phone.trim() !== '' && !isE164(phone);
}
