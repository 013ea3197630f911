import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';

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
    await tx.query(
      `INSERT INTO cancellation_steps (prescription_id, step, organization_id, outcome, at)
       SELECT id, $2, organization_id, $3, $4 FROM prescriptions WHERE id = $1
       ON CONFLICT (prescription_id, step) DO NOTHING`,
      [prescriptionId, step, outcome, this.clock.now()],
    );
  }

  finished(tx: Tx, prescriptionId: string): Promise<FinishedStep[]> {
    return tx.query<FinishedStep>(
      'SELECT step, outcome, at FROM cancellation_steps WHERE prescription_id = $1 ORDER BY at, step',
      [prescriptionId],
    );
  }
}
