import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { IntakeFormat } from './incoming.js';

/** Everything that came in at the door, byte for byte, with the answer it got; both sealed. */
@Entity('intake_messages')
@Index('intake_messages_once', ['organizationId', 'sender', 'dedupeKey'], { unique: true })
@Index('intake_messages_prescription', ['prescriptionId'])
export class IntakeMessage {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  /** Null for a cancel request that named no prescription of ours. */
  @Column('uuid', { name: 'prescription_id', nullable: true })
  readonly prescriptionId!: string | null;

  @Column('text')
  readonly format!: IntakeFormat;

  /** SCRIPT: the From of the header. JSON and FHIR: the caller. */
  @Column('text')
  readonly sender!: string;

  /** SCRIPT: the MessageID. JSON and FHIR: the Idempotency-Key, or something that never repeats. */
  @Column('text', { name: 'dedupe_key' })
  readonly dedupeKey!: string;

  /** SHA-256 of the bytes. */
  @Column('text', { name: 'body_hash' })
  readonly bodyHash!: string;

  @Column('bytea', { name: 'raw_sealed' })
  readonly rawSealed!: Buffer;

  @Column('text', { name: 'content_type' })
  readonly contentType!: string;

  @Column('integer', { name: 'answer_status' })
  readonly answerStatus!: number;

  @Column('bytea', { name: 'answer_sealed' })
  readonly answerSealed!: Buffer;

  @Column('timestamptz', { name: 'received_at' })
  readonly receivedAt!: Date;
}
