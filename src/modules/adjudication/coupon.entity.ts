import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { Organization } from '../directory/index.js';

/** A maker's card an organization may bill as second payer for one product. */
@Entity('coupons')
@Unique('coupons_one', ['organizationId', 'ndc'])
export class Coupon {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'coupons_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** 11 digits. */
  @Column('text')
  readonly ndc!: string;

  @Column('text')
  readonly bin!: string;

  @Column('text')
  readonly pcn!: string;

  @Column('text', { name: 'group_id', nullable: true })
  readonly groupId!: string | null;

  /** Followed by the Rx number it makes the cardholder id. */
  @Column('text', { name: 'cardholder_prefix' })
  readonly cardholderPrefix!: string;

  @Column('boolean', { default: true })
  readonly active!: boolean;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
