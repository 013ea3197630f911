import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import type { Actor, Prescription } from '../prescriptions/index.js';
import { resumeCancelJob } from './cancellation.jobs.js';

export interface FinishedStep {
  step: string;
  outcome: string;
  at: Date;
}

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

  /** The job that goes on with an earlier request, if one is still to run. */
  async openResumption(tx: Tx, prescriptionId: string): Promise<string | undefined> {
    const row = await tx.one<{ id: string }>(
      'SELECT id FROM outbox_events WHERE aggregate_id = $1 AND subscriber = $2 AND done_at IS NULL LIMIT 1',
      [prescriptionId, resumeCancelJob.name],
    );
    return row?.id;
  }

  /** Who said that the prescription ended in this state; undefined when nobody moved it there. */
  async endedBy(tx: Tx, { id, state }: Pick<Prescription, 'id' | 'state'>): Promise<Actor['kind'] | undefined> {
    const row = await tx.one<{ kind: Actor['kind'] }>(
      `SELECT actor_kind AS kind FROM prescription_status_events
       WHERE prescription_id = $1 AND to_state = $2 AND moved ORDER BY version DESC LIMIT 1`,
      [id, state],
    );
    return row?.kind;
  }

  finished(tx: Tx, prescriptionId: string): Promise<FinishedStep[]> {
    return tx.query<FinishedStep>(
      'SELECT step, outcome, at FROM cancellation_steps WHERE prescription_id = $1 ORDER BY at, step',
      [prescriptionId],
    );
  }
}
