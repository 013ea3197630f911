import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';

/** What a person changed before an attempt. */
@Entity('claim_corrections')
export class ClaimCorrection {
  @PrimaryColumn('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'claim_corrections_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @PrimaryColumn('integer')
  readonly attempt!: number;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('boolean', { name: 'pay_cash', default: false })
  readonly payCash!: boolean;

  /** NCPDP 462-EV. */
  @Column('text', { name: 'prior_auth_number', nullable: true })
  readonly priorAuthNumber!: string | null;

  /** NCPDP 439-E4. */
  @Column('text', { name: 'dur_reason', nullable: true })
  readonly durReason!: string | null;

  /** NCPDP 440-E5. */
  @Column('text', { name: 'dur_service', nullable: true })
  readonly durService!: string | null;

  /** NCPDP 441-E6. */
  @Column('text', { name: 'dur_result', nullable: true })
  readonly durResult!: string | null;

  @Column('text', { name: 'created_by', nullable: true })
  readonly createdBy!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
