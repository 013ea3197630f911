import { Inject, Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Drugs, Pharmacies } from '../directory/index.js';
import { lastFillOf, type PrescriptionOrder } from './order/index.js';
import type { Prescription } from './prescription.entity.js';
import { Prescriptions } from './prescriptions.service.js';

type Limited = Pick<Prescription, 'id' | 'schedule' | 'ndc'>;

/** The end of the time in which a prescription may be filled, at the pharmacy that fills it. */
@Injectable()
export class LastFills {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'SCHEDULE_II_MAX_AGE_DAYS'>,
    private readonly prescriptions: Prescriptions,
    private readonly pharmacies: Pharmacies,
    private readonly drugs: Drugs,
    private readonly clock: Clock,
  ) {}

  /** Whether the last day is over; false while there is no pharmacy. */
  async hasPassed(tx: Tx, prescription: Prescription): Promise<boolean> {
    return isOver(await this.end(tx, prescription), this.clock.now());
  }

  /** The moment the last day is over; undefined while there is no pharmacy, or where nothing limits the order. */
  async end(tx: Tx, prescription: Prescription): Promise<Date | undefined> {
    const { pharmacyId } = prescription;
    const pharmacy = pharmacyId === null ? undefined : await this.pharmacies.find(tx, pharmacyId);
    if (pharmacy === undefined) return undefined;
    const last = await this.lastDay(tx, prescription);
    return last === undefined ? undefined : nextMidnight(last, pharmacy.timeZone);
  }

  /** YYYY-MM-DD; undefined where nothing limits the order. */
  ofOrder(order: PrescriptionOrder, schedule: string | null): string | undefined {
    return lastFillOf(order, schedule, this.config.SCHEDULE_II_MAX_AGE_DAYS);
  }

  /** @param date YYYY-MM-DD */
  async isBefore(tx: Tx, prescription: Limited, date: string): Promise<boolean> {
    const last = await this.lastDay(tx, prescription);
    return last !== undefined && last < date;
  }

  /** YYYY-MM-DD. Goes by the stricter schedule, where the directory came to know another after the order was validated. */
  private async lastDay(tx: Tx, { id, schedule, ndc }: Limited): Promise<string | undefined> {
    const [order, drug] = await Promise.all([
      this.prescriptions.order(tx, id),
      ndc === null ? undefined : this.drugs.byNdc(tx, ndc),
    ]);
    const lasts = [schedule, drug?.schedule ?? null].map((named) => this.ofOrder(order, named));
    return lasts.filter((last) => last !== undefined).toSorted()[0];
  }
}

/** Of {@link LastFills.end}. */
export const isOver = (end: Date | undefined, now: Date) => end !== undefined && end <= now;

const nextMidnight = (date: string, zone: string) =>
  DateTime.fromISO(date, { zone }).plus({ days: 1 }).startOf('day').toJSDate();
