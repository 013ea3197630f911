import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';
import { IntakeMessage } from './intake-message.entity.js';

/** A prescription that a CancelRx may mean although it names none of our messages. Seen by staff only. */
@Entity('cancel_suggestions')
@Index('cancel_suggestions_prescription', ['prescriptionId'])
@Index('cancel_suggestions_organization', ['organizationId', 'id'])
export class CancelSuggestion {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  /** The cancel message, kept byte for byte. */
  @Column('uuid', { name: 'message_id' })
  @ForeignKey(() => IntakeMessage, { name: 'cancel_suggestions_message_id_fkey', onDelete: 'RESTRICT' })
  readonly messageId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'cancel_suggestions_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('timestamptz', { name: 'suggested_at' })
  readonly suggestedAt!: Date;
}
