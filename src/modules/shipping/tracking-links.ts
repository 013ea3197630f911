import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Keyring, newToken, sha256 } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';

/** Long enough for the slowest parcel and the questions after it. Every new use of the link in a message begins it anew. */
const lifetimeMs = 90 * 86_400_000;
const tokenForm = /^[\w-]{43}$/;

/** An order that was corrected to another patient gets an address of its own: the former one has that of before. */
const ofAnother = ['id', 'patient_id', 'token_hash', 'token_sealed', 'created_at']
  .map(
    (column) =>
      `${column} = CASE WHEN l.patient_id IS DISTINCT FROM EXCLUDED.patient_id THEN EXCLUDED.${column} ELSE l.${column} END`,
  )
  .join(', ');

type LinkSettings = Pick<Config, 'PUBLIC_URL' | 'PATIENT_PORTAL_URL' | 'PORT'>;

/** The opaque address under which a patient follows an order. It shows no more than a parcel's way. */
@Injectable()
export class TrackingLinks {
  private readonly base: string;

  constructor(
    private readonly keyring: Keyring,
    private readonly clock: Clock,
    @Inject(CONFIG) config: LinkSettings,
  ) {
    const base = config.PATIENT_PORTAL_URL ?? config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
    this.base = base.replace(/\/+$/, '');
  }

  /** The same address for a prescription and its patient, whenever it is asked for; made on first use. */
  async urlFor(tx: Tx, prescriptionId: string): Promise<string> {
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + lifetimeMs);
    const id = newId();
    const token = newToken();
    const link = await tx.one<{ id: string; sealed: Buffer }>(
      `INSERT INTO tracking_links AS l (id, prescription_id, patient_id, organization_id, token_hash, token_sealed, expires_at, created_at)
       SELECT $1, p.id, p.patient_id, p.organization_id, $3, $4, $5, $6 FROM prescriptions p WHERE p.id = $2
       ON CONFLICT (prescription_id) DO UPDATE SET expires_at = greatest(l.expires_at, EXCLUDED.expires_at), ${ofAnother}
       RETURNING id, token_sealed AS sealed`,
      [id, prescriptionId, sha256(token), this.keyring.seal(tokenPlace(id), token), expiresAt, now],
    );
    if (link === undefined) throw new Error('a tracking link names no prescription');
    return `${this.base}/t/${this.keyring.openText(tokenPlace(link.id), link.sealed)}`;
  }

  /** @returns undefined for a token that is unknown, too old or another patient's, without telling which */
  async prescriptionOf(tx: Tx, token: string): Promise<string | undefined> {
    if (!tokenForm.test(token)) return undefined;
    const link = await tx.one<{ prescriptionId: string }>(
      `SELECT p.id AS "prescriptionId" FROM tracking_links l
       JOIN prescriptions p ON p.id = l.prescription_id AND p.patient_id IS NOT DISTINCT FROM l.patient_id
       WHERE l.token_hash = $1 AND l.expires_at > $2`,
      [sha256(token), this.clock.now()],
    );
    return link?.prescriptionId;
  }
}

const tokenPlace = (id: string) => ({ table: 'tracking_links', column: 'token_sealed', row: id });
