import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { Organization, Patient, type ReviewResolution } from '../directory/index.js';
import type { ReviewReason } from './customers.policy.js';

/** Somebody who ordered at CarePortals: what several contacts have in common. Made anew from them whenever one is added. */
@Entity('customers')
@Unique('customers_identity', ['organizationId', 'identity'])
@Index('customers_patient', ['patientId'])
export class Customer {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'customers_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** What the customer is told by: a digest of the email, else CarePortals' `_id`, else a digest of the phone. */
  @Column('text')
  readonly identity!: string;

  /** Our patient, where it can only be this one; nobody where the contacts name several people. */
  @Column('uuid', { name: 'patient_id', nullable: true })
  @ForeignKey(() => Patient, { name: 'customers_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string | null;

  @Column('text', { name: 'first_name', nullable: true })
  readonly firstName!: string | null;

  @Column('text', { name: 'last_name', nullable: true })
  readonly lastName!: string | null;

  /** The phone given last cannot be written to. */
  @Column('boolean', { name: 'phone_unreachable', default: false })
  readonly phoneUnreachable!: boolean;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}

/** One way a customer was named. Contact data is sealed; keyed digests, made as those of patients are, find it again. */
@Entity('customer_contacts')
@Unique('customer_contacts_once', ['organizationId', 'fingerprint'])
@Index('customer_contacts_email', ['organizationId', 'emailIndex'])
@Index('customer_contacts_external', ['organizationId', 'externalId'])
@Index('customer_contacts_phone', ['organizationId', 'phoneIndex'])
@Index('customer_contacts_customer', ['customerId'])
@Index('customer_contacts_patient', ['patientId'])
export class CustomerContact {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'customer_contacts_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** Null only inside the transaction that adds it. */
  @Column('uuid', { name: 'customer_id', nullable: true })
  @ForeignKey(() => Customer, { name: 'customer_contacts_customer_id_fkey', onDelete: 'RESTRICT' })
  readonly customerId!: string | null;

  /** Our patient, where it can only be this one; of one customer the contacts may name several people. */
  @Column('uuid', { name: 'patient_id', nullable: true })
  @ForeignKey(() => Patient, { name: 'customer_contacts_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string | null;

  /** Keyed digest of everything that was said. */
  @Column('text')
  readonly fingerprint!: string;

  @Column('text', { name: 'external_id', nullable: true })
  readonly externalId!: string | null;

  @Column('text', { name: 'email_index', nullable: true })
  readonly emailIndex!: string | null;

  @Column('text', { name: 'phone_index', nullable: true })
  readonly phoneIndex!: string | null;

  @Column('bytea', { name: 'contact_sealed' })
  readonly contactSealed!: Buffer;

  /** The latest event that named it so; of what several contacts tell the latest word counts. */
  @Column('timestamptz', { name: 'said_at' })
  readonly saidAt!: Date;
}

/** Two customers who share an `_id` or a phone and may be one, or one who may be two; a person decides. */
@Entity('customer_reviews')
@Unique('customer_reviews_pair', ['customerId', 'otherCustomerId', 'reason'])
@Index('customer_reviews_organization', ['organizationId', 'id'])
@Index('customer_reviews_other', ['otherCustomerId'])
@Check('customer_reviews_resolution', `resolution IN ('different_people', 'same_person')`)
export class CustomerReview {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'customer_reviews_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'customer_id' })
  @ForeignKey(() => Customer, { name: 'customer_reviews_customer_id_fkey', onDelete: 'CASCADE' })
  readonly customerId!: string;

  @Column('uuid', { name: 'other_customer_id' })
  @ForeignKey(() => Customer, { name: 'customer_reviews_other_customer_id_fkey', onDelete: 'CASCADE' })
  readonly otherCustomerId!: string;

  @Column('text')
  readonly reason!: ReviewReason;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'resolved_at', nullable: true })
  readonly resolvedAt!: Date | null;

  @Column('uuid', { name: 'resolved_by', nullable: true })
  readonly resolvedBy!: string | null;

  @Column('text', { nullable: true })
  readonly resolution!: ReviewResolution | null;
}
