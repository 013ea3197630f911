import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import type { OptOutCategory } from './notification.words.js';

/**
 * A number that may not (`all`) or cannot (`unreachable`) be written to. Revocation is per number and sender (47 CFR
 * 64.1200(a)(10)); the sender is the platform's, so rows have no organization until organizations bring senders of their own.
 */
@Entity('opt_outs')
@Check('opt_outs_category', `category IN ('all', 'unreachable')`)
@Index('opt_outs_standing', ['phoneIndex', 'category'], { unique: true, where: 'ended_at IS NULL' })
export class OptOut {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id', nullable: true })
  @ForeignKey(() => Organization, { name: 'opt_outs_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string | null;

  /** Keyed digest; the number itself is not kept. */
  @Column('text', { name: 'phone_index' })
  readonly phoneIndex!: string;

  @Column('text')
  readonly category!: OptOutCategory;

  @Column('text')
  readonly source!: string;

  @Column('timestamptz')
  readonly at!: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  readonly endedAt!: Date | null;
}
