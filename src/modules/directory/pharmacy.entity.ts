import { Check, Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import type { OpeningHours } from './opening-hours.policy.js';
import { Organization } from './organization.entity.js';

export const pharmacyKinds = ['platform_label', 'partner'] as const;
/** `platform_label`: we buy the label; `partner`: the order goes to the pharmacy's own system. */
export type PharmacyKind = (typeof pharmacyKinds)[number];

/** A pharmacy that fills for an organization, with what routing asks about it. */
@Entity('pharmacies')
@Check('pharmacies_kind', `kind IN ('platform_label', 'partner')`)
@Unique('pharmacies_ncpdp', ['organizationId', 'ncpdpId'])
export class Pharmacy {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'pharmacies_organization_id_fkey' })
  readonly organizationId!: string;

  @Column('text')
  readonly name!: string;

  @Column('text')
  readonly npi!: string;

  @Column('text', { name: 'ncpdp_id' })
  readonly ncpdpId!: string;

  @Column('text')
  readonly kind!: PharmacyKind;

  @Column('text', { nullable: true })
  readonly phone!: string | null;

  @Column('text')
  readonly street!: string;

  @Column('text')
  readonly city!: string;

  @Column('text')
  readonly state!: string;

  @Column('text')
  readonly zip!: string;

  /** IANA zone; Lifefile times have none and are meant in this one. */
  @Column('text', { name: 'time_zone' })
  readonly timeZone!: string;

  @Column('text', { name: 'licensed_states', array: true })
  readonly licensedStates!: string[];

  /** DEA schedules it dispenses; empty: nothing controlled. */
  @Column('text', { array: true })
  readonly schedules!: string[];

  /** Dose forms it stocks, in lower case words. */
  @Column('text', { array: true })
  readonly forms!: string[];

  @Column('boolean', { default: false })
  readonly specialty!: boolean;

  /** BIN of a plan to the tier this pharmacy has in its network; 1 is preferred. */
  @Column('jsonb', { default: {} })
  readonly networks!: Readonly<Record<string, number>>;

  @Column('boolean', { name: 'open_for_orders', default: true })
  readonly openForOrders!: boolean;

  /** Prescriptions a day. */
  @Column('jsonb', {
    name: 'opening_hours',
    default: {
      mon: ['09:00', '18:00'],
      tue: ['09:00', '18:00'],
      wed: ['09:00', '18:00'],
      thu: ['09:00', '18:00'],
      fri: ['09:00', '18:00'],
    },
  })
  readonly openingHours!: OpeningHours;

  /** Days of its own besides the federal holidays, YYYY-MM-DD. */
  @Column('date', { name: 'closed_on', array: true, default: [] })
  readonly closedOn!: string[];

  @Column('integer', { name: 'daily_capacity' })
  readonly dailyCapacity!: number;

  @Column('integer', { name: 'turnaround_hours' })
  readonly turnaroundHours!: number;

  @Column('integer', { name: 'dispensing_fee_cents' })
  readonly dispensingFeeCents!: number;

  /** Multiplies a drug's unit price. Decimal text: numeric does not fit a double. */
  @Column('numeric', { name: 'price_factor', precision: 6, scale: 3, default: 1 })
  readonly priceFactor!: string;

  @Column('text', { name: 'lifefile_practice_id', nullable: true })
  readonly lifefilePracticeId!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
