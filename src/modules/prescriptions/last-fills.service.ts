import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Drugs, Pharmacies } from '../directory/index.js';
import { lastFillOf } from './order/index.js';
import type { Prescription } from './prescription.entity.js';
import { Prescriptions } from './prescriptions.service.js';

/** The end of the time in which a prescription may be filled, at the pharmacy that fills it. */
@Injectable()
export class LastFills {
  constructor(
    private readonly prescriptions: Prescriptions,
    private readonly pharmacies: Pharmacies,
    private readonly drugs: Drugs,
    private readonly clock: Clock,
  ) {}

  /** Whether the last day is over; false while there is no pharmacy. */
  async hasPassed(tx: Tx, prescription: Prescription): Promise<boolean> {
    const { pharmacyId } = prescription;
    const pharmacy = pharmacyId === null ? undefined : await this.pharmacies.find(tx, pharmacyId);
    if (pharmacy === undefined) return false;
    const today = DateTime.fromJSDate(this.clock.now(), { zone: pharmacy.timeZone }).toFormat('yyyy-MM-dd');
    return this.isBefore(tx, prescription, today);
  }

  /** Goes by the stricter schedule, where the directory came to know another after the order was validated. @param date YYYY-MM-DD */
  async isBefore(
    tx: Tx,
    { id, schedule, ndc }: Pick<Prescription, 'id' | 'schedule' | 'ndc'>,
    date: string,
  ): Promise<boolean> {
    const [order, drug] = await Promise.all([
      this.prescriptions.order(tx, id),
      ndc === null ? undefined : this.drugs.byNdc(tx, ndc),
    ]);
    const lasts = [schedule, drug?.schedule ?? null].map((named) => lastFillOf(order, named));
    return lasts.some((last) => last !== undefined && last < date);
  }
}
