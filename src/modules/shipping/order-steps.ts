import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Organizations } from '../directory/index.js';
import { beforePaid, pickedUp, Prescriptions } from '../prescriptions/index.js';
import { comesToday } from './arrival.policy.js';

export interface StepTimes {
  /** When each action first happened. */
  firstOf: ReadonlyMap<string, Date>;
  lastOf: ReadonlyMap<string, Date>;
  /** No carrier brought it: it was handed out at the counter. */
  pickedUp: boolean;
}

/** What a patient may be told of an order’s way: page and messages read the same. */
@Injectable()
export class OrderSteps {
  constructor(
    private readonly clock: Clock,
    private readonly prescriptions: Prescriptions,
    private readonly organizations: Organizations,
  ) {}

  /** A report that moved nothing may be a late one; before payment nothing it tells of can have happened to this order. */
  async of(tx: Tx, prescriptionId: string): Promise<StepTimes> {
    const actions = await tx.query<{ action: string; first: Date; last: Date; pickedUp: boolean }>(
      `SELECT action, min(occurred_at) AS first, max(occurred_at) AS last,
         coalesce(bool_or(action = 'deliver' AND starts_with(reason, $3)), false) AS "pickedUp"
       FROM prescription_status_events
       WHERE prescription_id = $1 AND (moved OR from_state <> ALL ($2::text[])) GROUP BY action`,
      [prescriptionId, [...beforePaid], pickedUp],
    );
    return {
      firstOf: new Map(actions.map(({ action, first }) => [action, first])),
      lastOf: new Map(actions.map(({ action, last }) => [action, last])),
      pickedUp: actions.some((action) => action.pickedUp),
    };
  }

  async comesToday(tx: Tx, prescriptionId: string): Promise<boolean> {
    const { organizationId } = await this.prescriptions.get(tx, prescriptionId);
    const [{ lastOf }, { timeZone }] = await Promise.all([
      this.of(tx, prescriptionId),
      this.organizations.get(tx, organizationId),
    ]);
    return comesToday(lastOf, this.clock.now(), timeZone);
  }
}
