import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring, newToken, sha256 } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { linkLifeMs, linkStateOf, mostTries } from './enrollment.policy.js';
import { EnrollmentLink } from './enrollment-link.entity.js';

export interface LinkOwner {
  organizationId: string;
  prescriptionId: string;
  patientId: string;
}

export interface OpenLink extends Pick<EnrollmentLink, 'id' | 'createdAt' | 'expiresAt'> {
  token: string;
}

/** Rows of magic links. At most one per prescription is open; a newer one revokes it. */
@Injectable()
export class LinksStore {
  constructor(
    private readonly clock: Clock,
    private readonly keyring: Keyring,
  ) {}

  /**
   * The caller holds the prescription's lock, so two links are never made at once.
   * @param stateSince of the prescription: its link is no older, although another process' clock set it and ours may be behind
   */
  async create(tx: Tx, owner: LinkOwner, stateSince: Date): Promise<{ id: string; expiresAt: Date }> {
    const createdAt = new Date(Math.max(this.clock.now().getTime(), stateSince.getTime()));
    const [id, token, expiresAt] = [newId(), newToken(), new Date(createdAt.getTime() + linkLifeMs)];
    await this.revokeUnused(tx, owner.prescriptionId);
    await tx.send(
      `INSERT INTO enrollment_links (id, organization_id, prescription_id, patient_id, token_hash, token_sealed, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        id,
        owner.organizationId,
        owner.prescriptionId,
        owner.patientId,
        sha256(token),
        this.keyring.seal(tokenPlace(id), token),
        createdAt,
        expiresAt,
      ],
    );
    return { id, expiresAt };
  }

  /** @returns whether there was one to revoke */
  async revokeUnused(tx: Tx, prescriptionId: string): Promise<boolean> {
    const revoked = await tx.query(
      `UPDATE enrollment_links SET revoked_at = $2, token_sealed = NULL
       WHERE prescription_id = $1 AND revoked_at IS NULL AND used_at IS NULL RETURNING id`,
      [prescriptionId, this.clock.now()],
    );
    return revoked.length > 0;
  }

  /** The prescription's open link; undefined when there is none to send. */
  async open(tx: Tx, prescriptionId: string): Promise<OpenLink | undefined> {
    const link = await this.newest(tx, prescriptionId);
    if (link?.tokenSealed == null || linkStateOf(link, this.clock.now()) !== 'open') return undefined;
    const { id, createdAt, expiresAt, tokenSealed } = link;
    return { id, createdAt, expiresAt, token: this.keyring.openText(tokenPlace(id), tokenSealed) };
  }

  async newest(tx: Tx, prescriptionId: string): Promise<EnrollmentLink | undefined> {
    return await tx.row(EnrollmentLink, { prescriptionId }, { order: { createdAt: 'DESC', id: 'DESC' } });
  }

  async byToken(tx: Tx, token: string): Promise<EnrollmentLink | undefined> {
    return await tx.row(EnrollmentLink, { tokenHash: sha256(token) });
  }

  /** Locked until the transaction ends: tries are counted one after another, a link is used once. */
  async lock(tx: Tx, id: string): Promise<EnrollmentLink> {
    const link = await tx.row(EnrollmentLink, { id }, { lock: true });
    if (link === undefined) throw new Error('an enrollment link vanished');
    return link;
  }

  /** @returns how many tries are left; with none left the link is revoked */
  async countWrongTry(tx: Tx, link: EnrollmentLink): Promise<number> {
    const tries = link.failedTries + 1;
    const last = tries >= mostTries;
    await tx.send(
      `UPDATE enrollment_links SET failed_tries = $2,
         locked_at = CASE WHEN $3 THEN $4::timestamptz END, revoked_at = CASE WHEN $3 THEN $4::timestamptz END,
         token_sealed = CASE WHEN $3 THEN NULL ELSE token_sealed END
       WHERE id = $1`,
      [link.id, tries, last, this.clock.now()],
    );
    return mostTries - tries;
  }

  async use(tx: Tx, id: string): Promise<void> {
    await tx.send('UPDATE enrollment_links SET used_at = $2, token_sealed = NULL WHERE id = $1 AND used_at IS NULL', [
      id,
      this.clock.now(),
    ]);
  }

  /** Nothing is asked on it any more, as if its patient had answered there. */
  async useUp(tx: Tx, prescriptionId: string): Promise<void> {
    await tx.send(
      `UPDATE enrollment_links SET used_at = $2, token_sealed = NULL
       WHERE prescription_id = $1 AND revoked_at IS NULL AND used_at IS NULL`,
      [prescriptionId, this.clock.now()],
    );
  }

  async forgetExpiredTokens(tx: Tx): Promise<void> {
    await tx.send(
      'UPDATE enrollment_links SET token_sealed = NULL WHERE token_sealed IS NOT NULL AND expires_at <= $1',
      [this.clock.now()],
    );
  }
}

function tokenPlace(id: string) {
  return { table: 'enrollment_links', column: 'token_sealed', row: id };
}
