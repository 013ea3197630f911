import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { currentConsentText } from './consent-texts.js';
import { isValidConsent, type GivenConsent } from './enrollment.policy.js';
import type { LinkOwner } from './links.store.js';

/** Where a request came from, for the proof of a consent. */
export interface Origin {
  ip?: string | undefined;
  userAgent?: string | undefined;
}

@Injectable()
export class ConsentsStore {
  constructor(
    private readonly clock: Clock,
    private readonly keyring: Keyring,
  ) {}

  async isOnFile(tx: Tx, patientId: string): Promise<boolean> {
    const newest = await tx.one<GivenConsent & { [column: string]: unknown }>(
      `SELECT text_version AS "textVersion", accepted_at AS "acceptedAt" FROM consents WHERE patient_id = $1
       ORDER BY accepted_at DESC, id DESC LIMIT 1`,
      [patientId],
    );
    return newest !== undefined && isValidConsent(newest, currentConsentText().version, this.clock.now());
  }

  /** @returns the id of the consent to the text that stands now */
  async give(tx: Tx, owner: LinkOwner, origin: Origin): Promise<string> {
    const text = currentConsentText();
    const id = newId();
    await tx.send(
      `INSERT INTO consents (id, organization_id, patient_id, prescription_id, text_version, text_sha256, accepted_at,
         ip_digest, user_agent_digest)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        owner.organizationId,
        owner.patientId,
        owner.prescriptionId,
        text.version,
        text.sha256,
        this.clock.now(),
        origin.ip === undefined ? null : this.keyring.blindIndex('consents|ip', origin.ip),
        origin.userAgent === undefined ? null : this.keyring.blindIndex('consents|user_agent', origin.userAgent),
      ],
    );
    return id;
  }
}
