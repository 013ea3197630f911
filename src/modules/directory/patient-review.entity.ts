import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { Organization } from './organization.entity.js';
import { Patient } from './patient.entity.js';
import type { ReviewReason } from './patient-match.policy.js';

export const reviewResolutions = ['different_people', 'same_person'] as const;
export type ReviewResolution = (typeof reviewResolutions)[number];

/** Two patients who share a contact but may be two people; ops decides. */
@Entity('patient_reviews')
@Unique('patient_reviews_pair', ['patientId', 'otherPatientId', 'reason'])
export class PatientReview {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'patient_reviews_organization_id_fkey' })
  readonly organizationId!: string;

  /** The newer one. */
  @Column('uuid', { name: 'patient_id' })
  @ForeignKey(() => Patient, { name: 'patient_reviews_patient_id_fkey' })
  readonly patientId!: string;

  @Column('uuid', { name: 'other_patient_id' })
  @ForeignKey(() => Patient, { name: 'patient_reviews_other_patient_id_fkey' })
  readonly otherPatientId!: string;

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
