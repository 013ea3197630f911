import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { Coverage } from '../prescriptions/index.js';
import { PatientCoverage } from './coverage.entity.js';
import { isActive, staysGovernment, type CardDetails, type GovernmentWord } from './enrollment.policy.js';
import type { PictureKeys } from './sessions.store.js';

export interface CoverageOwner {
  organizationId: string;
  patientId: string;
}

export type NewCoverage = ({ kind: 'insurance'; card: CardDetails } & GovernmentWord) | { kind: 'cash' };

/** Rows of coverages. A patient has at most one that has not ended. */
@Injectable()
export class CoveragesStore {
  constructor(
    private readonly clock: Clock,
    private readonly keyring: Keyring,
  ) {}

  async current(tx: Tx, patientId: string): Promise<Coverage | undefined> {
    const row = await this.active(tx, patientId);
    return row === undefined ? undefined : this.opened(row);
  }

  async active(tx: Tx, patientId: string): Promise<PatientCoverage | undefined> {
    const [newest] = await this.ofPatient(tx, patientId, 1);
    return newest !== undefined && isActive(newest, this.clock.now()) ? newest : undefined;
  }

  /** Newest first. */
  async ofPatient(tx: Tx, patientId: string, most = 50): Promise<PatientCoverage[]> {
    return await tx.rows(PatientCoverage, { patientId }, { order: { activeFrom: 'DESC', id: 'DESC' }, limit: most });
  }

  async find(tx: Tx, id: string): Promise<PatientCoverage | undefined> {
    return await tx.row(PatientCoverage, { id });
  }

  /** Ends what was current and begins this. @returns its id */
  async replace(tx: Tx, owner: CoverageOwner, coverage: NewCoverage, pictures: PictureKeys = {}): Promise<string> {
    const now = this.clock.now();
    const id = newId();
    // Two links of one patient may be completed at once, and an ended row hides what took its place from who waited for it.
    await tx.send('SELECT 1 FROM patients WHERE id = $1 FOR NO KEY UPDATE', [owner.patientId]);
    const card: Partial<CardDetails> = coverage.kind === 'insurance' ? coverage.card : {};
    const government =
      coverage.kind === 'insurance' &&
      staysGovernment(coverage.card, coverage, await this.wasGovernment(tx, owner.patientId, coverage.card));
    await tx.send('UPDATE coverages SET ended_at = $2 WHERE patient_id = $1 AND ended_at IS NULL', [
      owner.patientId,
      now,
    ]);
    await tx.send(
      `INSERT INTO coverages (id, organization_id, patient_id, kind, bin, pcn, group_id, person_code, relationship,
         cardholder_id_sealed, payer_name, government, front_key, back_key, active_from, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)`,
      [
        id,
        owner.organizationId,
        owner.patientId,
        coverage.kind,
        card.bin ?? null,
        card.pcn ?? null,
        card.groupId ?? null,
        card.personCode ?? null,
        card.relationship ?? null,
        card.cardholderId === undefined ? null : this.keyring.seal(cardholderPlace(id), card.cardholderId),
        card.payerName ?? null,
        government,
        coverage.kind === 'insurance' ? (pictures.front ?? null) : null,
        coverage.kind === 'insurance' ? (pictures.back ?? null) : null,
        now,
      ],
    );
    return id;
  }

  /** New pictures of a card already on file. @returns the keys they take the place of */
  async replacePictures(tx: Tx, row: PatientCoverage, pictures: PictureKeys): Promise<void> {
    await tx.send(
      'UPDATE coverages SET front_key = coalesce($2, front_key), back_key = coalesce($3, back_key) WHERE id = $1',
      [row.id, pictures.front ?? null, pictures.back ?? null],
    );
  }

  opened(row: PatientCoverage): Coverage {
    return {
      id: row.id,
      kind: row.kind,
      government: row.government,
      ...(row.bin !== null && { bin: row.bin }),
      ...(row.pcn !== null && { pcn: row.pcn }),
      ...(row.groupId !== null && { groupId: row.groupId }),
      ...(row.personCode !== null && { personCode: row.personCode }),
      ...(row.relationship !== null && { relationship: row.relationship }),
      ...(row.payerName !== null && { payerName: row.payerName }),
      ...(row.cardholderIdSealed !== null && {
        cardholderId: this.keyring.openText(cardholderPlace(row.id), row.cardholderIdSealed),
      }),
    };
  }

  /** What the patient's last card of the same plan was taken for. */
  private async wasGovernment(tx: Tx, patientId: string, { bin, pcn }: CardDetails): Promise<boolean> {
    const last = await tx.one<{ government: boolean }>(
      `SELECT government FROM coverages WHERE patient_id = $1 AND bin = $2 AND upper(coalesce(pcn, '')) = upper($3)
       ORDER BY active_from DESC, id DESC LIMIT 1`,
      [patientId, bin, pcn ?? ''],
    );
    return last?.government === true;
  }
}

function cardholderPlace(id: string) {
  return { table: 'coverages', column: 'cardholder_id_sealed', row: id };
}
