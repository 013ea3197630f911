import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { Organization } from './organization.entity.js';

/** A prescriber, known to an organization by NPI. */
@Entity('providers')
@Unique('providers_npi', ['organizationId', 'npi'])
export class Provider {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'providers_organization_id_fkey' })
  readonly organizationId!: string;

  @Column('text')
  readonly npi!: string;

  @Column('text', { nullable: true })
  readonly dea!: string | null;

  /** Surescripts mailbox id. */
  @Column('text', { nullable: true })
  readonly spi!: string | null;

  @Column('text', { name: 'first_name' })
  readonly firstName!: string;

  @Column('text', { name: 'last_name' })
  readonly lastName!: string;

  @Column('text', { nullable: true })
  readonly email!: string | null;

  @Column('text', { nullable: true })
  readonly phone!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
