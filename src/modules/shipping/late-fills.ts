import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { Unrecoverable } from '../../platform/jobs/index.js';
import { LastFills, type Prescription, type PrescriptionState } from '../prescriptions/index.js';
import { LostOrders, orderKey } from './lost-orders.js';
import { orderExpired } from './shipping.errors.js';

/** Nobody fills it yet. */
const unfilled: ReadonlySet<PrescriptionState> = new Set(['pharmacy_selected', 'paid']);

/**
 * The last look at the calendar before a fill begins: since the claim asked, a patient may have taken days to pay, or a job weeks
 * to be redriven (21 CFR 1306.22(a)).
 */
@Injectable()
export class LateFills {
  constructor(
    private readonly lastFills: LastFills,
    private readonly lostOrders: LostOrders,
  ) {}

  /** @throws Unrecoverable `shipping.order-expired` */
  async refuse(tx: Tx, prescription: Prescription): Promise<void> {
    if (!unfilled.has(prescription.state) || !(await this.lastFills.hasPassed(tx, prescription))) return;
    throw new Unrecoverable(orderExpired, 'the last day on which it may be filled has passed');
  }

  /** As `refuse`, but an order that is at the pharmacy already is only to be booked. */
  async refuseUnplaced(tx: Tx, prescription: Prescription): Promise<void> {
    if (!(await this.isPlaced(tx, prescription.id))) await this.refuse(tx, prescription);
  }

  private async isPlaced(tx: Tx, prescriptionId: string): Promise<boolean> {
    const asked = await tx.one<{ state: string }>('SELECT state FROM effects WHERE key = $1', [
      orderKey(prescriptionId),
    ]);
    return (
      asked?.state === 'confirmed' || (asked !== undefined && (await this.lostOrders.isHeardOf(tx, prescriptionId)))
    );
  }
}
