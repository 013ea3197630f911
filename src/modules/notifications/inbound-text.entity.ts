import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization, Patient } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import { Notification } from './notification.entity.js';

/** `revocation`: taken for STOP although it is none of its words; `words`: anything else a person wrote. Both are to be looked at. */
export const textMeanings = ['stop', 'start', 'help', 'revocation', 'words'] as const;
export type TextMeaning = (typeof textMeanings)[number];

/** What somebody wrote to our number. */
@Entity('inbound_texts')
@Check('inbound_texts_meaning', `meaning IN ('stop', 'start', 'help', 'revocation', 'words')`)
@Index('inbound_texts_once', ['webhookEventId'], { unique: true })
@Index('inbound_texts_newest', ['organizationId', 'id'])
@Index('inbound_texts_open', ['organizationId', 'id'], { where: 'handled_at IS NULL' })
export class InboundText {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'inbound_texts_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** Null: several patients share the phone, and none of them was written to. */
  @Column('uuid', { name: 'patient_id', nullable: true })
  @ForeignKey(() => Patient, { name: 'inbound_texts_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string | null;

  /** The last message to this phone, which it answers as far as anybody can tell. */
  @Column('uuid', { name: 'notification_id', nullable: true })
  @ForeignKey(() => Notification, { name: 'inbound_texts_notification_id_fkey', onDelete: 'RESTRICT' })
  readonly notificationId!: string | null;

  @Column('uuid', { name: 'prescription_id', nullable: true })
  @ForeignKey(() => Prescription, { name: 'inbound_texts_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string | null;

  @Column('uuid', { name: 'webhook_event_id' })
  readonly webhookEventId!: string;

  @Column('text')
  readonly meaning!: TextMeaning;

  @Column('bytea', { name: 'body_sealed' })
  readonly bodySealed!: Buffer;

  @Column('timestamptz', { name: 'received_at' })
  readonly receivedAt!: Date;

  /** Keywords need nobody: they are handled as they come. */
  @Column('timestamptz', { name: 'handled_at', nullable: true })
  readonly handledAt!: Date | null;

  @Column('uuid', { name: 'handled_by', nullable: true })
  readonly handledBy!: string | null;
}
