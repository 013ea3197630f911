import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { outcomeOf, outcomeOrder, type Actor, type PrescriptionAction } from '../prescriptions/index.js';
import { resumeCancelJob } from './cancellation.jobs.js';
import type { LastWord } from './undoing.policy.js';

export interface FinishedStep {
  step: string;
  outcome: string;
  at: Date;
}

/** Of two at the very same instant the later in this list stands. */
const endings = Object.entries(outcomeOf)
  .toSorted(([, one], [, other]) => outcomeOrder.indexOf(one) - outcomeOrder.indexOf(other))
  .map(([action]) => action);

/** No step of the undoing: that it was asked for, and why. */
const asked = 'asked';

@Injectable()
export class CancellationSteps {
  constructor(private readonly clock: Clock) {}

  /** The first outcome stands: a step that ran twice did its work the first time. */
  async note(tx: Tx, prescriptionId: string, step: string, outcome: string): Promise<void> {
    await tx.send(
      `INSERT INTO cancellation_steps (prescription_id, step, organization_id, outcome, at)
       SELECT id, $2, organization_id, $3, $4 FROM prescriptions WHERE id = $1
       ON CONFLICT (prescription_id, step) DO NOTHING`,
      [prescriptionId, step, outcome, this.clock.now()],
    );
  }

  /** Why a cancel was asked for that may have to go on without its asker: the payload of that job holds ids only. */
  async noteReason(tx: Tx, prescriptionId: string, reason: string): Promise<void> {
    await tx.send(
      `INSERT INTO cancellation_steps (prescription_id, step, organization_id, outcome, at)
       SELECT id, $2, organization_id, $3, $4 FROM prescriptions WHERE id = $1
       ON CONFLICT (prescription_id, step) DO UPDATE SET outcome = EXCLUDED.outcome, at = EXCLUDED.at`,
      [prescriptionId, asked, reason, this.clock.now()],
    );
  }

  /** @returns undefined when an earlier release had noted who asked and no reason */
  async reasonOf(tx: Tx, prescriptionId: string): Promise<string | undefined> {
    const row = await tx.one<{ reason: string }>(
      'SELECT outcome AS reason FROM cancellation_steps WHERE prescription_id = $1 AND step = $2',
      [prescriptionId, asked],
    );
    return row?.reason;
  }

  /** The job that goes on with an earlier request, if one is still to run. */
  async openResumption(tx: Tx, prescriptionId: string): Promise<string | undefined> {
    const row = await tx.one<{ id: string }>(
      'SELECT id FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL LIMIT 1',
      [prescriptionId, resumeCancelJob.name],
    );
    return row?.id;
  }

  /** What was said of how the prescription ended, as it happened. What changed nothing before any end is history only. */
  async lastWords(tx: Tx, prescriptionId: string): Promise<LastWord[]> {
    const rows = await tx.query<{ action: PrescriptionAction; saidBy: Actor['kind'] }>(
      `SELECT action, actor_kind AS "saidBy" FROM prescription_status_events
       WHERE prescription_id = $1 AND action = ANY($2::text[]) AND (moved OR from_state = ANY($3::text[]))
       ORDER BY occurred_at, array_position($2::text[], action)`,
      [prescriptionId, endings, [...outcomeOrder, 'completed']],
    );
    return rows.map(({ action, saidBy }) => ({ outcome: outcomeOf[action], saidBy }));
  }

  finished(tx: Tx, prescriptionId: string): Promise<FinishedStep[]> {
    return tx.query<FinishedStep>(
      'SELECT step, outcome, at FROM cancellation_steps WHERE prescription_id = $1 AND step <> $2 ORDER BY at, step',
      [prescriptionId, asked],
    );
  }
}
