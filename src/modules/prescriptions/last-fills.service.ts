import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Pharmacies } from '../directory/index.js';
import { lastFillOf } from './order/index.js';
import type { Prescription } from './prescription.entity.js';
import { Prescriptions } from './prescriptions.service.js';

/** The end of the time in which a prescription may be filled, at the pharmacy that fills it. */
@Injectable()
export class LastFills {
  constructor(
    private readonly prescriptions: Prescriptions,
    private readonly pharmacies: Pharmacies,
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

  /** @param date YYYY-MM-DD */
  async isBefore(tx: Tx, { id, schedule }: Pick<Prescription, 'id' | 'schedule'>, date: string): Promise<boolean> {
    const last = lastFillOf(await this.prescriptions.order(tx, id), schedule);
    return last !== undefined && last < date;
  }
}
