import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization, Patient } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';

/** A magic link: opens one enrollment only, at most 72 hours, until it is used, revoked or guessed at too often. */
@Entity('enrollment_links')
@Index('enrollment_links_token', ['tokenHash'], { unique: true })
@Index('enrollment_links_open', ['prescriptionId'], {
  unique: true,
  where: 'revoked_at IS NULL AND used_at IS NULL',
})
@Index('enrollment_links_newest', { synchronize: false })
@Index('enrollment_links_readable', { synchronize: false })
export class EnrollmentLink {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'enrollment_links_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'enrollment_links_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'patient_id' })
  @ForeignKey(() => Patient, { name: 'enrollment_links_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string;

  /** SHA-256; the token itself is nowhere in plain. */
  @Column('text', { name: 'token_hash' })
  readonly tokenHash!: string;

  /** For the message that carries the link; deleted as soon as the link is of no use. */
  @Column('bytea', { name: 'token_sealed', nullable: true })
  readonly tokenSealed!: Buffer | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  readonly revokedAt!: Date | null;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  readonly usedAt!: Date | null;

  @Column('integer', { name: 'failed_tries', default: 0 })
  readonly failedTries!: number;

  @Column('timestamptz', { name: 'locked_at', nullable: true })
  readonly lockedAt!: Date | null;
}

/** Half an hour in which the person behind a link, once recognised, may fill in the enrollment. */
@Entity('enrollment_sessions')
@Index('enrollment_sessions_token', ['tokenHash'], { unique: true })
@Index('enrollment_sessions_ending', ['expiresAt'])
export class EnrollmentSession {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'link_id' })
  @ForeignKey(() => EnrollmentLink, { name: 'enrollment_sessions_link_id_fkey', onDelete: 'RESTRICT' })
  readonly linkId!: string;

  @Column('text', { name: 'token_hash' })
  readonly tokenHash!: string;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;

  /** From then on coverage already stored may be shown. */
  @Column('timestamptz', { name: 'code_verified_at', nullable: true })
  readonly codeVerifiedAt!: Date | null;

  /** What the pages' second step said, until the third one ends it. */
  @Column('bytea', { name: 'draft_sealed', nullable: true })
  readonly draftSealed!: Buffer | null;

  /** Pictures not yet part of a coverage; removed with the session. */
  @Column('text', { name: 'front_key', nullable: true })
  readonly frontKey!: string | null;

  @Column('text', { name: 'back_key', nullable: true })
  readonly backKey!: string | null;
}

/** A one-time code, at most ten minutes. */
@Entity('enrollment_codes')
@Check('enrollment_codes_channel', `channel IN ('sms', 'email')`)
@Index('enrollment_codes_open', ['sessionId'], { unique: true, where: 'ended_at IS NULL' })
export class EnrollmentCode {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'session_id' })
  @ForeignKey(() => EnrollmentSession, { name: 'enrollment_codes_session_id_fkey', onDelete: 'CASCADE' })
  readonly sessionId!: string;

  @Column('text')
  readonly channel!: 'sms' | 'email';

  /** Keyed: six digits would be found again from a plain digest at once. */
  @Column('text', { name: 'code_hash' })
  readonly codeHash!: string;

  @Column('bytea', { name: 'code_sealed', nullable: true })
  readonly codeSealed!: Buffer | null;

  @Column('integer', { default: 0 })
  readonly tries!: number;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  readonly endedAt!: Date | null;
}
