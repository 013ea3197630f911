import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

export const drugSchedules = ['II', 'III', 'IV', 'V'] as const;
export type DrugSchedule = (typeof drugSchedules)[number];

/** A package of the drug directory, shared by all organizations. */
@Entity('drugs')
@Check('drugs_schedule', `schedule IN ('II', 'III', 'IV', 'V')`)
export class Drug {
  /** 11 digits, 5-4-2 without hyphens (NCPDP 407-D7). */
  @PrimaryColumn('text')
  readonly ndc!: string;

  @Column('text')
  readonly name!: string;

  @Column('text', { name: 'generic_name' })
  readonly genericName!: string;

  @Column('text')
  readonly strength!: string;

  @Column('text')
  readonly form!: string;

  /** NCI code of the quantity unit, for example C48542 (tablet). */
  @Column('text')
  readonly unit!: string;

  /** Federal schedule; null: not controlled. */
  @Column('text', { nullable: true })
  readonly schedule!: DrugSchedule | null;

  @Column('boolean', { default: false })
  readonly specialty!: boolean;

  /** Cash price of one unit. */
  @Column('integer', { name: 'unit_price_cents' })
  readonly unitPriceCents!: number;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
