import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../auth/index.js';
import { Organization, Patient, Pharmacy } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import { Ticket } from '../tickets/index.js';
import type {
  Channel,
  NotificationEvent,
  NotificationStatus,
  RecipientKind,
  SuppressionReason,
} from './notification.words.js';

/**
 * One message to one person by one channel. What it says is sealed when it is composed, and stays the same for every try. Where it
 * goes is sealed as well, and follows a patient's corrected contacts until a vendor has taken it.
 */
@Entity('notifications')
@Check('notifications_channel', `channel IN ('email', 'sms')`)
@Check('notifications_status', `status IN ('pending', 'sent', 'delivered', 'failed', 'suppressed')`)
@Check('notifications_suppression', `(status = 'suppressed') = (suppressed_reason IS NOT NULL)`)
@Check('notifications_recipient_kind', `recipient_kind IN ('patient', 'ops', 'pharmacy')`)
@Check('notifications_about', `num_nonnulls(prescription_id, ticket_id) = 1`)
@Check(
  'notifications_recipient',
  `(recipient_kind = 'patient') = (patient_id IS NOT NULL) AND (recipient_kind <> 'patient') = (user_id IS NOT NULL)
   AND (recipient_kind = 'pharmacy') = (pharmacy_id IS NOT NULL)`,
)
@Index('notifications_dedupe', ['dedupeKey'], { unique: true })
@Index('notifications_provider', ['providerId'], { unique: true })
@Index('notifications_newest', { synchronize: false })
@Index('notifications_prescription', ['prescriptionId'])
@Index('notifications_ticket', ['ticketId', 'recipientKind', 'threadSeq'], { where: 'ticket_id IS NOT NULL' })
@Index('notifications_failed', ['failureCode'], { where: `status = 'failed'` })
export class Notification {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'notifications_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** What it is about: a prescription, or a ticket. */
  @Column('uuid', { name: 'prescription_id', nullable: true })
  @ForeignKey(() => Prescription, { name: 'notifications_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string | null;

  @Column('uuid', { name: 'ticket_id', nullable: true })
  @ForeignKey(() => Ticket, { name: 'notifications_ticket_id_fkey', onDelete: 'RESTRICT' })
  readonly ticketId!: string | null;

  @Column('text', { name: 'recipient_kind', default: 'patient' })
  readonly recipientKind!: RecipientKind;

  @Column('uuid', { name: 'patient_id', nullable: true })
  @ForeignKey(() => Patient, { name: 'notifications_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string | null;

  /** Who of operations, or of the pharmacy. */
  @Column('uuid', { name: 'user_id', nullable: true })
  @ForeignKey(() => User, { name: 'notifications_user_id_fkey', onDelete: 'RESTRICT' })
  readonly userId!: string | null;

  @Column('uuid', { name: 'pharmacy_id', nullable: true })
  @ForeignKey(() => Pharmacy, { name: 'notifications_pharmacy_id_fkey', onDelete: 'RESTRICT' })
  readonly pharmacyId!: string | null;

  /** The first message of the thread it tells of. */
  @Column('bigint', { name: 'thread_seq', nullable: true })
  readonly threadSeq!: number | null;

  @Column('text')
  readonly event!: NotificationEvent;

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
