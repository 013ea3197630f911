import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { completeJob } from './prescriptions.jobs.js';
import { Prescriptions, systemActor } from './prescriptions.service.js';

@Injectable()
export class PrescriptionsWorker {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly audit: Audit,
    private readonly prescriptions: Prescriptions,
  ) {}

  /** A report that came meanwhile (returned, cancelled) stands; then there is nothing to complete. */
  @Handles(completeJob)
  async complete({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const completed = await this.prescriptions.move(tx, {
        id: prescriptionId,
        action: 'complete',
        actor: systemActor,
        trigger: 'worker',
        facts: { completedAt: this.clock.now() },
        run,
      });
      if (completed === undefined) return this.outbox.close(tx, run);
      await this.audit.record(tx, {
        action: 'write',
        entity: 'prescription',
        entityIds: [prescriptionId],
        reason: 'completed',
        actor: { kind: 'system' },
        organizationId: completed.organizationId,
      });
    });
  }
}
