import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import type { JobDefinition, JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Pharmacies } from '../directory/index.js';
import { firstFillAt } from './first-fill.policy.js';
import type { Prescription } from './prescription.entity.js';

/** The wait for the first day of a fill, at the pharmacy that will fill it. */
@Injectable()
export class FirstFills {
  constructor(
    private readonly pharmacies: Pharmacies,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @returns when the fill may begin; undefined when it may now, or has no pharmacy yet */
  async beginsAt(tx: Tx, prescription: Prescription): Promise<Date | undefined> {
    const { earliestFillDate, pharmacyId } = prescription;
    if (earliestFillDate === null || pharmacyId === null) return undefined;
    const pharmacy = await this.pharmacies.find(tx, pharmacyId);
    return pharmacy && firstFillAt(earliestFillDate, pharmacy.timeZone, this.clock.now());
  }

  /** Ends the run and puts its job off until the fill may begin. @returns whether it did */
  async putOff(
    tx: Tx,
    job: JobDefinition<{ prescriptionId: string }>,
    prescription: Prescription,
    run: JobRun,
  ): Promise<boolean> {
    const dueAt = await this.beginsAt(tx, prescription);
    if (dueAt === undefined) return false;
    const { id, organizationId } = prescription;
    const about = { aggregateId: id, organizationId, dedupeKey: `${job.name} ${run.outboxId}` };
    await this.outbox.enqueue(tx, job, { prescriptionId: id }, { ...about, dueAt });
    await this.outbox.close(tx, run);
    return true;
  }
}
