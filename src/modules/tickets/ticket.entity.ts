import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import type { TicketStatus } from './ticket.machine.js';

/** The hub: who takes part in a prescription and where it stands for them. Never deleted. */
@Entity('healthcare_tickets')
@Check(
  'healthcare_tickets_status',
  `status IN ('created', 'sent', 'received', 'processing', 'ready', 'closed', 'cancelled')`,
)
@Index('healthcare_tickets_pharmacy', { synchronize: false })
@Index('healthcare_tickets_organization', { synchronize: false })
export class Ticket {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'healthcare_tickets_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('text', { name: 'ticket_type', default: 'prescription' })
  readonly type!: string;

  @Column('text')
  readonly status!: TicketStatus;

  /** The doctor. */
  @Column('uuid', { name: 'primary_provider_id', nullable: true })
  readonly primaryProviderId!: string | null;

  /** The pharmacy. */
  @Column('uuid', { name: 'secondary_provider_id', nullable: true })
  readonly secondaryProviderId!: string | null;

  @Column('uuid', { name: 'patient_id', nullable: true })
  readonly patientId!: string | null;

  @Column('uuid', { name: 'appointment_id', nullable: true })
  readonly appointmentId!: string | null;

  @Column('uuid', { name: 'prescription_id', nullable: true })
  readonly prescriptionId!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  readonly updatedAt!: Date;
}
