import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from './organization.entity.js';

/** A patient of one organization. Birth date and contact data are sealed; keyed digests find them again. */
@Entity('patients')
@Index('patients_external', ['organizationId', 'externalId'], { unique: true, where: 'external_id IS NOT NULL' })
@Index('patients_email_birth', ['organizationId', 'emailBirthIndex'])
@Index('patients_phone_birth', ['organizationId', 'phoneBirthIndex'])
@Index('patients_name_birth_zip', ['organizationId', 'nameBirthZipIndex'])
@Index('patients_email', ['organizationId', 'emailIndex'])
@Index('patients_phone', ['organizationId', 'phoneIndex'])
export class Patient {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'patients_organization_id_fkey' })
  readonly organizationId!: string;

  /** The sender's own id of the patient. */
  @Column('text', { name: 'external_id', nullable: true })
  readonly externalId!: string | null;

  @Column('text', { name: 'first_name' })
  readonly firstName!: string;

  @Column('text', { name: 'last_name' })
  readonly lastName!: string;

  @Column('text', { nullable: true })
  readonly gender!: string | null;

  /** Two letters; decides licences, so it is readable without opening the profile. */
  @Column('text', { nullable: true })
  readonly state!: string | null;

  @Column('bytea', { name: 'profile_sealed' })
  readonly profileSealed!: Buffer;

  @Column('text', { name: 'email_index', nullable: true })
  readonly emailIndex!: string | null;

  @Column('text', { name: 'phone_index', nullable: true })
  readonly phoneIndex!: string | null;

  @Column('text', { name: 'email_birth_index', nullable: true })
  readonly emailBirthIndex!: string | null;

  @Column('text', { name: 'phone_birth_index', nullable: true })
  readonly phoneBirthIndex!: string | null;

  @Column('text', { name: 'name_birth_zip_index', nullable: true })
  readonly nameBirthZipIndex!: string | null;

  @Column('uuid', { name: 'preferred_pharmacy_id', nullable: true })
  readonly preferredPharmacyId!: string | null;

  /** When a person last corrected the address; orders from before do not overrule it. */
  @Column('timestamptz', { name: 'address_set_at', nullable: true })
  readonly addressSetAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  readonly updatedAt!: Date;
}
