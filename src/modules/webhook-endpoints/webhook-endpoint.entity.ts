import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';

/** Why nothing is sent there any more: `failing` for days without one success, or it answered 410 (`gone`). */
export const disabledReasons = ['failing', 'gone'] as const;
export type DisabledReason = (typeof disabledReasons)[number];

/** An address of an integrator that is told what happens to the organization's prescriptions. */
@Entity('webhook_endpoints')
@Check('webhook_endpoints_reason', `disabled_reason IN ('failing', 'gone')`)
@Check('webhook_endpoints_disabling', '(disabled_at IS NULL) = (disabled_reason IS NULL)')
@Check('webhook_endpoints_secret', '(deleted_at IS NULL) = (secret_sealed IS NOT NULL)')
@Index('webhook_endpoints_organization', ['organizationId', 'id'], { where: 'deleted_at IS NULL' })
@Index('webhook_endpoints_asked', ['askedAs'], { unique: true, where: 'asked_as IS NOT NULL' })
export class WebhookEndpoint {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'webhook_endpoints_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('text')
  readonly url!: string;

  @Column('text', { nullable: true })
  readonly description!: string | null;

  /** Null: every event, those of later versions too. */
  @Column('text', { array: true, nullable: true })
  readonly events!: string[] | null;

  /** Gone with the endpoint. */
  @Column('bytea', { name: 'secret_sealed', nullable: true })
  readonly secretSealed!: Buffer | null;

  @Column('bytea', { name: 'previous_secret_sealed', nullable: true })
  readonly previousSecretSealed!: Buffer | null;

  /** Until then everything is signed with both secrets. */
  @Column('timestamptz', { name: 'previous_valid_until', nullable: true })
  readonly previousValidUntil!: Date | null;

  /** Of the first failure since the last success. */
  @Column('timestamptz', { name: 'failing_since', nullable: true })
  readonly failingSince!: Date | null;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  readonly disabledAt!: Date | null;

  @Column('text', { name: 'disabled_reason', nullable: true })
  readonly disabledReason!: DisabledReason | null;

  /** The delivery whose turn it is among those that are recovered: one after another, by one chain of jobs. */
  @Column('uuid', { name: 'recovering_id', nullable: true })
  readonly recoveringId!: string | null;

  /** The Idempotency-Key it was asked for under, as a hash; gone with the endpoint. */
  @Column('text', { name: 'asked_as', nullable: true })
  readonly askedAs!: string | null;

  @Column('uuid', { name: 'created_by' })
  readonly createdBy!: string;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  readonly updatedAt!: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  readonly deletedAt!: Date | null;
}
