import { Injectable } from '@nestjs/common';
import { anyOf, unseen, type Tx } from '../../platform/db/index.js';
import { redrive } from '../../platform/outbox/index.js';
import { adjudicateJob, reverseJob } from './adjudication.jobs.js';
import { ClaimRecord, type DurAlertCode, type PayerOrder } from './claim.entity.js';
import { ClaimCorrection } from './claim-correction.entity.js';
import { Coupon } from './coupon.entity.js';
import type { ClaimAmounts, DurResponse } from './gateways/claim-switch.port.js';
import type { RejectClass } from './reject.policy.js';
import { claimStandsAfter } from './reversal.policy.js';

export interface NewClaim {
  id: string;
  prescriptionId: string;
  organizationId: string;
  pharmacyId: string;
  attempt: number;
  payerOrder: PayerOrder;
  bin: string | null;
  pcn: string | null;
  /** Cash is settled the moment it is priced. */
  state: 'submitted' | 'paid';
  dateOfService: string;
  submittedCents: number | null;
  cashPriceCents: number | null;
  patientPayCents: number | null;
  requestSealed: Buffer | null;
  requestHash: string | null;
  createdAt: Date;
}

export interface Rejection {
  codes: readonly string[];
  class: RejectClass;
  nextStep: string;
  conflict: boolean;
  nextFillDate: string | undefined;
  messagesSealed: Buffer | undefined;
  helpDeskPhone: string | undefined;
  durAlerts: readonly DurAlertCode[];
  durSealed: Buffer | undefined;
  /** A payer that says paid and rejected at once gives one. */
  authorizationNumber: string | undefined;
}

export interface NewCorrection {
  prescriptionId: string;
  attempt: number;
  organizationId: string;
  payCash: boolean;
  priorAuthNumber: string | undefined;
  durResponse: DurResponse | undefined;
  createdBy: string;
  createdAt: Date;
}

export interface OpenReversal {
  /** Null: a job is to send it. */
  deadLetterId: string | null;
}

export interface FillFacts {
  npi: string;
  timeZone: string;
  dispensingFeeCents: number;
  priceFactor: string;
  /** Null: the drug is not in the directory. */
  unitPriceCents: number | null;
  drugUnit: string | null;
  drugSchedule: string | null;
}

@Injectable()
export class ClaimsStore {
  /** In the order they were made. */
  async ofPrescription(tx: Tx, prescriptionId: string): Promise<ClaimRecord[]> {
    return await tx.rows(ClaimRecord, { prescriptionId }, { order: { attempt: 'ASC', createdAt: 'ASC', id: 'ASC' } });
  }

  async byId(tx: Tx, id: string): Promise<ClaimRecord | undefined> {
    return await tx.row(ClaimRecord, { id });
  }

  async fillFacts(tx: Tx, pharmacyId: string, ndc: string | null): Promise<FillFacts | undefined> {
    return tx.one<FillFacts & Record<string, unknown>>(
      `SELECT ph.npi, ph.time_zone AS "timeZone", ph.dispensing_fee_cents AS "dispensingFeeCents",
         ph.price_factor::text AS "priceFactor", d.unit_price_cents AS "unitPriceCents", d.unit AS "drugUnit",
         d.schedule AS "drugSchedule"
       FROM pharmacies ph LEFT JOIN drugs d ON d.ndc = $2 WHERE ph.id = $1`,
      [pharmacyId, ndc],
    );
  }

  /** Nothing happens when the attempt has this claim already. */
  async add(tx: Tx, claim: NewClaim): Promise<void> {
    await tx.send(
      `INSERT INTO claims (id, prescription_id, organization_id, pharmacy_id, attempt, payer_order, bin, pcn, transaction_code,
         state, date_of_service, submitted_cents, cash_price_cents, patient_pay_cents, request_sealed, request_hash, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'B1', $9, $10, $11, $12, $13, $14, $15, $16)
       ON CONFLICT (prescription_id, attempt, payer_order) DO NOTHING`,
      [
        claim.id,
        claim.prescriptionId,
        claim.organizationId,
        claim.pharmacyId,
        claim.attempt,
        claim.payerOrder,
        claim.bin,
        claim.pcn,
        claim.state,
        claim.dateOfService,
        claim.submittedCents,
        claim.cashPriceCents,
        claim.patientPayCents,
        claim.requestSealed,
        claim.requestHash,
        claim.createdAt,
      ],
    );
  }

  /** The cash price was decided, and is not what the patient pays. */
  async dropCash(tx: Tx, prescriptionId: string, attempt: number): Promise<void> {
    await tx.send(`DELETE FROM claims WHERE prescription_id = $1 AND attempt = $2 AND payer_order = 'cash'`, [
      prescriptionId,
      attempt,
    ]);
  }

  /** A claim that was reversed meanwhile stays reversed. */
  async markPaid(
    tx: Tx,
    id: string,
    paid: ClaimAmounts & { authorizationNumber: string | null },
    at: Date,
  ): Promise<void> {
    await tx.send(
      `UPDATE claims SET state = 'paid', authorization_number = $2, patient_pay_cents = $3, plan_pay_cents = $4,
         deductible_cents = $5, copay_cents = $6, coinsurance_cents = $7, answered_at = $8
       WHERE id = $1 AND state IN ('submitted', 'unknown')`,
      [
        id,
        paid.authorizationNumber,
        paid.patientPayCents,
        paid.planPayCents,
        paid.deductibleCents,
        paid.copayCents,
        paid.coinsuranceCents,
        at,
      ],
    );
  }

  async markRejected(tx: Tx, id: string, rejection: Rejection, at: Date): Promise<void> {
    await tx.send(
      `UPDATE claims SET state = 'rejected', reject_codes = $2, reject_class = $3, next_step = $4, conflict = $5,
         next_fill_date = $6, messages_sealed = $7, answered_at = $8, authorization_number = $9,
         help_desk_phone = $10, dur_alerts = $11, dur_sealed = $12
       WHERE id = $1 AND state IN ('submitted', 'unknown')`,
      [
        id,
        rejection.codes,
        rejection.class,
        rejection.nextStep,
        rejection.conflict,
        rejection.nextFillDate ?? null,
        rejection.messagesSealed ?? null,
        at,
        rejection.authorizationNumber ?? null,
        rejection.helpDeskPhone ?? null,
        rejection.durAlerts.length === 0 ? null : JSON.stringify(rejection.durAlerts),
        rejection.durSealed ?? null,
      ],
    );
  }

  async markUnknown(tx: Tx, id: string, at: Date): Promise<void> {
    await tx.send(`UPDATE claims SET state = 'unknown', answered_at = $2 WHERE id = $1 AND state = 'submitted'`, [
      id,
      at,
    ]);
  }

  async markReversed(tx: Tx, id: string, at: Date): Promise<void> {
    await tx.send(
      `UPDATE claims SET state = 'reversed', transaction_code = 'B2', reversed_at = $2 WHERE id = $1 AND state <> 'reversed'`,
      [id, at],
    );
  }

  /** Whether a job is to ask the payers, or to take back what they were asked once the prescription is cancelled. */
  async isAdjudicating(tx: Tx, prescriptionId: string): Promise<boolean> {
    const job = await tx.one(
      'SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL LIMIT 1',
      [prescriptionId, adjudicateJob.name],
    );
    return job !== undefined;
  }

  async isReversalOpen(tx: Tx, prescriptionId: string): Promise<boolean> {
    return (await this.openReversal(tx, prescriptionId)) !== undefined;
  }

  /**
   * A reversal that was asked for and has not ended: it is not sent yet, or was given up without the payer's word, who may have
   * carried it out. What needs a hand comes first.
   */
  async openReversal(tx: Tx, prescriptionId: string): Promise<OpenReversal | undefined> {
    return tx.one<OpenReversal & Record<string, unknown>>(
      `SELECT d.id AS "deadLetterId" FROM dead_letters d
         JOIN outbox_events o ON o.id = d.outbox_id JOIN claims c ON c.id = (o.payload ->> 'claimId')::uuid
       WHERE d.aggregate_id = ${unseen(1, 'uuid')} AND d.subscriber = ${unseen(2, 'text')} AND d.redriven_at IS NULL
         AND NOT d.reason = ${anyOf(3, 'text')} AND c.state <> 'reversed'
       UNION ALL
       SELECT NULL FROM outbox_events
       WHERE aggregate_id = ${unseen(1, 'uuid')} AND subscriber = ${unseen(2, 'text')} AND done_at IS NULL LIMIT 1`,
      [prescriptionId, reverseJob.name, claimStandsAfter],
    );
  }

  /** Whether a job is to send this claim's reversal. */
  async isReversalWaiting(tx: Tx, { id, prescriptionId }: ClaimRecord): Promise<boolean> {
    const waiting = await tx.one(
      `SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL
         AND payload ->> 'claimId' = $3 LIMIT 1`,
      [prescriptionId, reverseJob.name, id],
    );
    return waiting !== undefined;
  }

  /** In place of a second job. @returns false when there is no dead letter of this reversal */
  redriveReversal(tx: Tx, { id, prescriptionId }: ClaimRecord, by: string, now: Date): Promise<boolean> {
    const letter = { aggregateId: prescriptionId, subscriber: reverseJob.name, about: ['claimId', id] } as const;
    return redrive(tx, letter, by, now);
  }

  /** Whether all of these claims are paid at this moment. */
  async arePaid(tx: Tx, ids: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return true;
    const unpaid = await tx.one(`SELECT 1 FROM claims WHERE id = ${anyOf(1, 'uuid')} AND state <> 'paid' LIMIT 1`, [
      ids,
    ]);
    return unpaid === undefined;
  }

  async noteCoupon(tx: Tx, claimId: string, decision: string): Promise<void> {
    await tx.send('UPDATE claims SET coupon_decision = $2 WHERE id = $1', [claimId, decision]);
  }

  async coupon(tx: Tx, organizationId: string, ndc: string): Promise<Coupon | undefined> {
    return await tx.row(Coupon, { organizationId, ndc, active: true });
  }

  async corrections(tx: Tx, prescriptionId: string): Promise<ClaimCorrection[]> {
    return tx.rows(ClaimCorrection, { prescriptionId }, { order: { attempt: 'ASC' } });
  }

  async addCorrection(tx: Tx, correction: NewCorrection): Promise<void> {
    const { durResponse } = correction;
    await tx.send(
      `INSERT INTO claim_corrections (prescription_id, attempt, organization_id, pay_cash, prior_auth_number, dur_reason,
         dur_service, dur_result, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        correction.prescriptionId,
        correction.attempt,
        correction.organizationId,
        correction.payCash,
        correction.priorAuthNumber ?? null,
        durResponse?.reason ?? null,
        durResponse?.service ?? null,
        durResponse?.result ?? null,
        correction.createdBy,
        correction.createdAt,
      ],
    );
  }
}
