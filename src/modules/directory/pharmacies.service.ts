import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Clock } from '../../platform/clock/index.js';
import { violatedUnique, type SqlValue, type Tx } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { newId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { fail } from './directory.errors.js';
import { zipAgainstState } from './identifiers/index.js';
import type { OpeningHours } from './opening-hours.policy.js';
import { Pharmacy, type PharmacyKind } from './pharmacy.entity.js';

export interface NewPharmacy {
  name: string;
  npi: string;
  ncpdpId: string;
  kind: PharmacyKind;
  phone?: string | undefined;
  street: string;
  city: string;
  state: string;
  zip: string;
  timeZone: string;
  openingHours?: OpeningHours | undefined;
  closedOn?: string[] | undefined;
  licensedStates: string[];
  schedules: string[];
  forms: string[];
  specialty?: boolean | undefined;
  networks?: Readonly<Record<string, number>> | undefined;
  openForOrders?: boolean | undefined;
  dailyCapacity: number;
  turnaroundHours: number;
  dispensingFeeCents: number;
  priceFactor?: number | undefined;
  lifefilePracticeId?: string | undefined;
}

export type PharmacyChange = Partial<NewPharmacy>;

const columnOf: Readonly<Record<keyof NewPharmacy, string>> = {
  name: 'name',
  npi: 'npi',
  ncpdpId: 'ncpdp_id',
  kind: 'kind',
  phone: 'phone',
  street: 'street',
  city: 'city',
  state: 'state',
  zip: 'zip',
  timeZone: 'time_zone',
  openingHours: 'opening_hours',
  closedOn: 'closed_on',
  licensedStates: 'licensed_states',
  schedules: 'schedules',
  forms: 'forms',
  specialty: 'specialty',
  networks: 'networks',
  openForOrders: 'open_for_orders',
  dailyCapacity: 'daily_capacity',
  turnaroundHours: 'turnaround_hours',
  dispensingFeeCents: 'dispensing_fee_cents',
  priceFactor: 'price_factor',
  lifefilePracticeId: 'lifefile_practice_id',
};

/** Times that were counted in opening hours are counted anew. Payload: the pharmacy's id. */
export const calendarChangedEvent = 'pharmacy_calendar_changed';
const calendarFields = ['timeZone', 'openingHours', 'closedOn'] as const satisfies (keyof NewPharmacy)[];

@Injectable()
export class Pharmacies {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {}

  /** @throws pharmacy.already-exists, pharmacy.zip-outside-state */
  async create(tx: Tx, organizationId: string, wanted: NewPharmacy): Promise<Pharmacy> {
    refuseForeignZip(wanted);
    const id = newId();
    const given = valuesOf(wanted);
    const columns = ['id', 'organization_id', 'created_at', ...given.map(({ column }) => column)];
    const values = [id, organizationId, this.clock.now(), ...given.map(({ value }) => value)];
    await refusingTwins(() =>
      tx.query(
        `INSERT INTO pharmacies (${columns.join(', ')}) VALUES (${values.map((_, index) => `$${index + 1}`).join(', ')})`,
        values,
      ),
    );
    return await this.get(tx, organizationId, id);
  }

  /** @throws pharmacy.not-found, pharmacy.already-exists, pharmacy.zip-outside-state */
  async change(tx: Tx, organizationId: string, id: string, change: PharmacyChange): Promise<Pharmacy> {
    const given = valuesOf(change);
    if (given.length > 0) {
      const assignments = given.map(({ column }, index) => `${column} = $${index + 3}`).join(', ');
      await refusingTwins(() =>
        tx.query(`UPDATE pharmacies SET ${assignments} WHERE organization_id = $1 AND id = $2`, [
          organizationId,
          id,
          ...given.map(({ value }) => value),
        ]),
      );
    }
    const changed = await this.get(tx, organizationId, id);
    refuseForeignZip(changed);
    if (calendarFields.some((field) => change[field] !== undefined)) {
      const payload = { pharmacyId: id };
      await this.outbox.publish(tx, { name: calendarChangedEvent, aggregateId: id, organizationId, payload });
    }
    return changed;
  }

  /** @throws pharmacy.not-found */
  async get(tx: Tx, organizationId: string, id: string): Promise<Pharmacy> {
    const found = await tx.row(Pharmacy, { organizationId, id });
    if (found === undefined) throw fail('pharmacy.not-found');
    return found;
  }

  /** By id alone, for a step that has the id from our own tables. */
  async find(tx: Tx, id: string): Promise<Pharmacy | undefined> {
    return await tx.row(Pharmacy, { id });
  }

  /** Whether a message to this NCPDP id or NPI is for a pharmacy of the organization. */
  async isAddress(tx: Tx, organizationId: string, id: string): Promise<boolean> {
    return await tx.manager.existsBy(Pharmacy, [
      { organizationId, ncpdpId: id },
      { organizationId, npi: id },
    ]);
  }

  /** In the order they were created. */
  async list(tx: Tx, organizationId: string, { cursor, limit }: PageRequest): Promise<Page<Pharmacy>> {
    const rows = await tx.manager.find(Pharmacy, {
      where: { organizationId, ...(cursor !== undefined && { id: MoreThan(cursor) }) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return pageOf(rows, limit);
  }
}

function valuesOf(pharmacy: PharmacyChange): { column: string; value: SqlValue }[] {
  return (Object.keys(columnOf) as (keyof NewPharmacy)[]).flatMap((field) => {
    const value = pharmacy[field];
    if (value === undefined) return [];
    return [{ column: columnOf[field], value: field === 'networks' ? JSON.stringify(value) : value }];
  });
}

function refuseForeignZip({ zip, state }: { zip: string; state: string }): void {
  if (zipAgainstState(zip, state) === 'disagrees') throw fail('pharmacy.zip-outside-state');
}

async function refusingTwins<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (violatedUnique(error) === 'pharmacies_ncpdp') throw fail('pharmacy.already-exists');
    throw error;
  }
}
