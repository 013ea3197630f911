import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../auth/index.js';
import { Organization } from '../directory/index.js';
import type { TicketOrigin, TicketPath, TicketPriority, TicketStatus, TicketType } from './ticket.machine.js';

/** Why the pharmacy the doctor asked for does not fill it, in codes of routing. */
export interface PharmacyFinding {
  pharmacyId: string | null;
  reasons: readonly { code: string }[];
}

/** The hub: who takes part in a prescription and where it stands for them. Never deleted. */
@Entity('healthcare_tickets')
@Check(
  'healthcare_tickets_status',
  `status IN ('created', 'sent', 'received', 'processing', 'ready', 'closed', 'cancelled')`,
)
@Check('healthcare_tickets_type', `ticket_type IN ('prescription', 'lab_request', 'referral', 'refill', 'support')`)
@Check('healthcare_tickets_origin', `origin IN ('intake', 'desk', 'split', 'backfill', 'inbox')`)
@Check('healthcare_tickets_path', `path IN ('full', 'cash', 'direct')`)
@Check('healthcare_tickets_priority', `priority IN ('low', 'normal', 'high', 'urgent')`)
@Index('healthcare_tickets_pharmacy', { synchronize: false })
@Index('healthcare_tickets_organization', { synchronize: false })
@Index('healthcare_tickets_one_open', { synchronize: false })
@Index('healthcare_tickets_at_pharmacy', { synchronize: false })
@Index('healthcare_tickets_of_doctor', { synchronize: false })
@Index('healthcare_tickets_of_patient', { synchronize: false })
@Index('healthcare_tickets_prescription', ['prescriptionId'])
@Index('healthcare_tickets_unclocked', { synchronize: false })
@Index('healthcare_tickets_breach', { synchronize: false })
export class Ticket {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'healthcare_tickets_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('text', { name: 'ticket_type', default: 'prescription' })
  readonly type!: TicketType;

  @Column('text', { default: 'intake' })
  readonly origin!: TicketOrigin;

  @Column('text')
  readonly status!: TicketStatus;

  @Column('timestamptz', { name: 'status_since' })
  readonly statusSince!: Date;

  /** From then on the pharmacy is part of it. */
  @Column('timestamptz', { name: 'sent_at', nullable: true })
  readonly sentAt!: Date | null;

  /** The doctor. */
  @Column('uuid', { name: 'primary_provider_id', nullable: true })
  readonly primaryProviderId!: string | null;

  /** The pharmacy. */
  @Column('uuid', { name: 'secondary_provider_id', nullable: true })
  readonly secondaryProviderId!: string | null;

  /** The pharmacy it was opened for; routing may have chosen another. */
  @Column('uuid', { name: 'wished_pharmacy_id', nullable: true })
  readonly wishedPharmacyId!: string | null;

  @Column('uuid', { name: 'patient_id', nullable: true })
  readonly patientId!: string | null;

  @Column('uuid', { name: 'appointment_id', nullable: true })
  readonly appointmentId!: string | null;

  /** The first one, when several were saved. */
  @Column('uuid', { name: 'prescription_id', nullable: true })
  readonly prescriptionId!: string | null;

  /** What its prescriptions take that name none; null: the organization's. */
  @Column('text', { nullable: true })
  readonly path!: TicketPath | null;

  @Column('text', { default: 'normal' })
  readonly priority!: TicketPriority;

  @Column('uuid', { name: 'assignee_id', nullable: true })
  @ForeignKey(() => User, { name: 'healthcare_tickets_assignee_id_fkey', onDelete: 'SET NULL' })
  readonly assigneeId!: string | null;

  @Column('timestamptz', { name: 'snoozed_until', nullable: true })
  readonly snoozedUntil!: Date | null;

  /** Until when it may stay in its status, in the pharmacy's opening hours. */
  @Column('timestamptz', { name: 'breach_at', nullable: true })
  readonly breachAt!: Date | null;

  @Column('timestamptz', { name: 'escalated_at', nullable: true })
  readonly escalatedAt!: Date | null;

  @Column('jsonb', { name: 'pharmacy_finding', nullable: true })
  readonly pharmacyFinding!: PharmacyFinding | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  readonly updatedAt!: Date;
}
