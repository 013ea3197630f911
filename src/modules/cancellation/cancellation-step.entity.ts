import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';

/** One finished step of taking a prescription apart that is cancelled, failed or returned. */
@Entity('cancellation_steps')
export class CancellationStep {
  @PrimaryColumn('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'cancellation_steps_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  /** A `CompensationStep`, `refills`, or `asked`. */
  @PrimaryColumn('text')
  readonly step!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  /** A code such as `refunded` or `nothing-to-do`; of `asked` the reason. */
  @Column('text')
  readonly outcome!: string;

  @Column('timestamptz')
  readonly at!: Date;
}
