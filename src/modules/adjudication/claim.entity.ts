import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';
import type { DurAlert } from './gateways/claim-switch.port.js';
import type { RejectClass } from './reject.policy.js';

export type PayerOrder = 'primary' | 'secondary' | 'cash';
/** `unknown`: the payer answered something that says neither yes nor no; never treated as paid. */
export const claimStates = ['submitted', 'paid', 'rejected', 'reversed', 'unknown'] as const;
export type ClaimState = (typeof claimStates)[number];

/** What of an alert says nothing of the patient. */
export type DurAlertCode = Pick<DurAlert, 'reason' | 'significance'>;

/** One adjudication attempt with one payer. Cash is a row too, so that both prices stand side by side. */
@Entity('claims')
@Check('claims_payer_order', `payer_order IN ('primary', 'secondary', 'cash')`)
@Check('claims_transaction', `transaction_code IN ('B1', 'B2')`)
@Check('claims_state', `state IN ('submitted', 'paid', 'rejected', 'reversed', 'unknown')`)
@Unique('claims_attempt', ['prescriptionId', 'attempt', 'payerOrder'])
export class ClaimRecord {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'claims_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'pharmacy_id' })
  readonly pharmacyId!: string;

  /** From 1; a further one begins only after a settled reject. */
  @Column('integer')
  readonly attempt!: number;

  @Column('text', { name: 'payer_order' })
  readonly payerOrder!: PayerOrder;

  /** Null for cash, and for a claim that could not be made. */
  @Column('text', { nullable: true })
  readonly bin!: string | null;

  @Column('text', { nullable: true })
  readonly pcn!: string | null;

  /** The last transaction that changed the row: B1 claim, B2 reversal. */
  @Column('text', { name: 'transaction_code' })
  readonly transactionCode!: 'B1' | 'B2';

  @Column('text')
  readonly state!: ClaimState;

  /** In the pharmacy's zone. */
  @Column('date', { name: 'date_of_service' })
  readonly dateOfService!: string;

  /** NCPDP 503-F3. */
  @Column('text', { name: 'authorization_number', nullable: true })
  readonly authorizationNumber!: string | null;

  /** NCPDP 430-DU, gross amount due. */
  @Column('integer', { name: 'submitted_cents', nullable: true })
  readonly submittedCents!: number | null;

  /** NCPDP 426-DQ, usual and customary: what cash would cost. */
  @Column('integer', { name: 'cash_price_cents', nullable: true })
  readonly cashPriceCents!: number | null;

  @Column('integer', { name: 'patient_pay_cents', nullable: true })
  readonly patientPayCents!: number | null;

  @Column('integer', { name: 'plan_pay_cents', nullable: true })
  readonly planPayCents!: number | null;

  @Column('integer', { name: 'deductible_cents', nullable: true })
  readonly deductibleCents!: number | null;

  @Column('integer', { name: 'copay_cents', nullable: true })
  readonly copayCents!: number | null;

  @Column('integer', { name: 'coinsurance_cents', nullable: true })
  readonly coinsuranceCents!: number | null;

  /** NCPDP 511-FB, or our own codes when the claim never left. */
  @Column('text', { name: 'reject_codes', array: true, default: [] })
  readonly rejectCodes!: string[];

  @Column('text', { name: 'reject_class', nullable: true })
  readonly rejectClass!: RejectClass | null;

  @Column('text', { name: 'next_step', nullable: true })
  readonly nextStep!: string | null;

  /** The payer said paid and rejected at once. */
  @Column('boolean', { default: false })
  readonly conflict!: boolean;

  /** Of reject 79. */
  @Column('date', { name: 'next_fill_date', nullable: true })
  readonly nextFillDate!: string | null;

  /** On a paid primary claim: `used`, or why no coupon was billed. */
  @Column('text', { name: 'coupon_decision', nullable: true })
  readonly couponDecision!: string | null;

  /** The payer's free text: may hold patient data. */
  @Column('bytea', { name: 'messages_sealed', nullable: true })
  readonly messagesSealed!: Buffer | null;

  /** NCPDP 550-8F. */
  @Column('text', { name: 'help_desk_phone', nullable: true })
  readonly helpDeskPhone!: string | null;

  /** Why the payer alerts (reject 88), in codes. */
  @Column('jsonb', { name: 'dur_alerts', nullable: true })
  readonly durAlerts!: readonly DurAlertCode[] | null;

  /** What it wrote of each alert, in their order: names what else the patient takes. */
  @Column('bytea', { name: 'dur_sealed', nullable: true })
  readonly durSealed!: Buffer | null;

  /** The claim as it was sent: a repetition sends the same, a reversal names the same card. */
  @Column('bytea', { name: 'request_sealed', nullable: true })
  readonly requestSealed!: Buffer | null;

  @Column('text', { name: 'request_hash', nullable: true })
  readonly requestHash!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'answered_at', nullable: true })
  readonly answeredAt!: Date | null;

  @Column('timestamptz', { name: 'reversed_at', nullable: true })
  readonly reversedAt!: Date | null;
}
