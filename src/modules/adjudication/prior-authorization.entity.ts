import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';
import { ClaimRecord } from './claim.entity.js';

export type PriorAuthorizationStatus = 'opened' | 'in_process' | 'approved' | 'denied';

/** The payer wants to be asked first. One per prescription; the clock says when an answer is due. */
@Entity('prior_authorizations')
@Check('prior_authorizations_status', `status IN ('opened', 'in_process', 'approved', 'denied')`)
@Unique('prior_authorizations_one', ['prescriptionId'])
export class PriorAuthorization {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'prior_authorizations_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  /** The claim that was rejected for want of it. */
  @Column('uuid', { name: 'claim_id' })
  @ForeignKey(() => ClaimRecord, { name: 'prior_authorizations_claim_id_fkey', onDelete: 'RESTRICT' })
  readonly claimId!: string;

  @Column('text')
  readonly status!: PriorAuthorizationStatus;

  @Column('text', { nullable: true })
  readonly number!: string | null;

  @Column('timestamptz', { name: 'opened_at' })
  readonly openedAt!: Date;

  @Column('timestamptz', { name: 'due_at' })
  readonly dueAt!: Date;

  @Column('timestamptz', { name: 'closed_at', nullable: true })
  readonly closedAt!: Date | null;
}
