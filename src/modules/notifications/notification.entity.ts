import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization, Patient } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import type { Channel, MessageEvent, NotificationStatus, SuppressionReason } from './notification.words.js';

/** One message to one patient by one channel. What it says and where it goes is sealed when it is composed, and stays the same for every try. */
@Entity('notifications')
@Check('notifications_channel', `channel IN ('email', 'sms')`)
@Check('notifications_status', `status IN ('pending', 'sent', 'delivered', 'failed', 'suppressed')`)
@Check('notifications_suppression', `(status = 'suppressed') = (suppressed_reason IS NOT NULL)`)
@Index('notifications_dedupe', ['dedupeKey'], { unique: true })
@Index('notifications_provider', ['providerId'], { unique: true })
@Index('notifications_newest', { synchronize: false })
@Index('notifications_prescription', ['prescriptionId'])
@Index('notifications_failed', ['failureCode'], { where: `status = 'failed'` })
export class Notification {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'notifications_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'notifications_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'patient_id' })
  @ForeignKey(() => Patient, { name: 'notifications_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string;

  @Column('text')
  readonly event!: MessageEvent;

  @Column('text')
  readonly channel!: Channel;

  @Column('text')
  readonly template!: string;

  @Column('integer', { name: 'template_version' })
  readonly templateVersion!: number;

  @Column('text')
  readonly status!: NotificationStatus;

  @Column('text', { name: 'suppressed_reason', nullable: true })
  readonly suppressedReason!: SuppressionReason | null;

  /** Why it failed for good: a code. */
  @Column('text', { name: 'failure_code', nullable: true })
  readonly failureCode!: string | null;

  @Column('bytea', { name: 'to_sealed', nullable: true })
  readonly toSealed!: Buffer | null;

  @Column('bytea', { name: 'body_sealed', nullable: true })
  readonly bodySealed!: Buffer | null;

  /** The vendor's id of the message; what its status reports name. */
  @Column('text', { name: 'provider_id', nullable: true })
  readonly providerId!: string | null;

  /** Message-ID of an email: the same on every try, so a mailbox shows it once. */
  @Column('text', { name: 'message_id', nullable: true })
  readonly messageId!: string | null;

  /** Counts sendings: a person may ask for another one after the vendor reported that the first did not arrive. */
  @Column('integer', { default: 1 })
  readonly round!: number;

  @Column('text', { name: 'dedupe_key' })
  readonly dedupeKey!: string;

  /** After this it says something stale and is not sent any more. */
  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'sent_at', nullable: true })
  readonly sentAt!: Date | null;

  @Column('timestamptz', { name: 'delivered_at', nullable: true })
  readonly deliveredAt!: Date | null;
}
