import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';
import type { ExcludedPharmacy, RankedPharmacy } from './routing.policy.js';

/** Whom the doctor and the patient wished for, as pharmacy ids; `doctor` is kept also when it may not fill. */
export interface NamedPharmacies {
  doctor?: string;
  patient?: string;
  /** The doctor named a pharmacy that is not in the directory. */
  doctorUnknown?: true;
}

/** One answer of routing. Never changed, except that a selection is noted on it. */
@Entity('recommendations')
@Index('recommendations_latest', { synchronize: false })
@Index('recommendations_load', { synchronize: false })
export class Recommendation {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'recommendations_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('timestamptz', { name: 'requested_at' })
  readonly requestedAt!: Date;

  /** The version of the order that was routed. */
  @Column('integer', { name: 'order_version' })
  readonly orderVersion!: number;

  @Column('jsonb')
  readonly ranked!: RankedPharmacy[];

  @Column('jsonb')
  readonly excluded!: ExcludedPharmacy[];

  @Column('jsonb', { default: {} })
  readonly named!: NamedPharmacies;

  @Column('uuid', { name: 'selected_pharmacy_id', nullable: true })
  readonly selectedPharmacyId!: string | null;

  @Column('timestamptz', { name: 'selected_at', nullable: true })
  readonly selectedAt!: Date | null;
}
