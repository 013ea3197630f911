import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import { Notification } from './notification.entity.js';
import type { AttemptOutcome } from './notification.words.js';

@Entity('notification_attempts')
@Check('notification_attempts_outcome', `outcome IN ('sent', 'refused', 'unanswered', 'off')`)
@Index('notification_attempts_notification', ['notificationId', 'at'])
export class NotificationAttempt {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'notification_id' })
  @ForeignKey(() => Notification, { name: 'notification_attempts_notification_id_fkey', onDelete: 'RESTRICT' })
  readonly notificationId!: string;

  @Column('uuid', { name: 'prescription_id', nullable: true })
  @ForeignKey(() => Prescription, { name: 'notification_attempts_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string | null;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'notification_attempts_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('integer')
  readonly attempt!: number;

  @Column('text')
  readonly outcome!: AttemptOutcome;

  @Column('text', { nullable: true })
  readonly code!: string | null;

  @Column('timestamptz')
  readonly at!: Date;
}
