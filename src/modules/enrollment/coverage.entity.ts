import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization, Patient } from '../directory/index.js';

/** Who pays for a patient's medicine from `activeFrom` on. A change ends the row and adds another; nothing is overwritten. */
@Entity('coverages')
@Check('coverages_kind', `kind IN ('insurance', 'cash')`)
@Check('coverages_relationship', `relationship IN ('1', '2', '3', '4')`)
@Check('coverages_card', `kind = 'cash' OR (bin IS NOT NULL AND cardholder_id_sealed IS NOT NULL)`)
@Index('coverages_current', ['patientId'], { unique: true, where: 'ended_at IS NULL' })
@Index('coverages_of_patient', { synchronize: false })
@Index('coverages_front', ['frontKey'], { where: 'front_key IS NOT NULL' })
@Index('coverages_back', ['backKey'], { where: 'back_key IS NOT NULL' })
export class PatientCoverage {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'coverages_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'patient_id' })
  @ForeignKey(() => Patient, { name: 'coverages_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string;

  @Column('text')
  readonly kind!: 'insurance' | 'cash';

  /** NCPDP 101-A1: six digits, zeros kept. */
  @Column('text', { nullable: true })
  readonly bin!: string | null;

  /** NCPDP 104-A4. */
  @Column('text', { nullable: true })
  readonly pcn!: string | null;

  /** NCPDP 301-C1. */
  @Column('text', { name: 'group_id', nullable: true })
  readonly groupId!: string | null;

  /** NCPDP 303-C3. */
  @Column('text', { name: 'person_code', nullable: true })
  readonly personCode!: string | null;

  /** NCPDP 306-C6: 1 cardholder, 2 spouse, 3 child, 4 other. */
  @Column('text', { nullable: true })
  readonly relationship!: '1' | '2' | '3' | '4' | null;

  /** NCPDP 302-C2, sealed. */
  @Column('bytea', { name: 'cardholder_id_sealed', nullable: true })
  readonly cardholderIdSealed!: Buffer | null;

  @Column('text', { name: 'payer_name', nullable: true })
  readonly payerName!: string | null;

  /** Medicare, Medicaid, TRICARE and the like: no coupon beside it (42 U.S.C. 1320a-7b(b)). */
  @Column('boolean', { default: false })
  readonly government!: boolean;

  /** File storage keys of the card pictures. */
  @Column('text', { name: 'front_key', nullable: true })
  readonly frontKey!: string | null;

  @Column('text', { name: 'back_key', nullable: true })
  readonly backKey!: string | null;

  @Column('timestamptz', { name: 'active_from' })
  readonly activeFrom!: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  readonly endedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
