import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization, Patient } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';

/** That a patient accepted a text: which one, when, and from where (keyed digests: proof, not a record of whereabouts). */
@Entity('consents')
@Index('consents_of_patient', { synchronize: false })
export class Consent {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'consents_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'patient_id' })
  @ForeignKey(() => Patient, { name: 'consents_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'consents_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  /** See consent-texts.ts. */
  @Column('text', { name: 'text_version' })
  readonly textVersion!: string;

  @Column('text', { name: 'text_sha256' })
  readonly textSha256!: string;

  @Column('timestamptz', { name: 'accepted_at' })
  readonly acceptedAt!: Date;

  @Column('text', { name: 'ip_digest', nullable: true })
  readonly ipDigest!: string | null;

  @Column('text', { name: 'user_agent_digest', nullable: true })
  readonly userAgentDigest!: string | null;
}
