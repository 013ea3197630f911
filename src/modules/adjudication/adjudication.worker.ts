import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Prescriptions, systemActor } from '../prescriptions/index.js';
import {
  adjudicateJob,
  authorizationDueJob,
  type AuthorizationClock,
  resubmitJob,
  retryWithCoverageJob,
  reverseJob,
} from './adjudication.jobs.js';
import { Adjudicator } from './adjudicator.service.js';
import type { ClaimRecord } from './claim.entity.js';
import { ClaimsStore } from './claims.store.js';
import { PriorAuthorizations } from './prior-authorizations.service.js';
import { isReversible, mayBePaid } from './reversal.policy.js';
import { Reversals } from './reversals.service.js';

@Injectable()
export class AdjudicationWorker {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly adjudicator: Adjudicator,
    private readonly store: ClaimsStore,
    private readonly reversals: Reversals,
    private readonly authorizations: PriorAuthorizations,
    private readonly outbox: Outbox,
  ) {}

  @Handles(adjudicateJob)
  async adjudicate({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.adjudicator.adjudicate(prescriptionId, run);
  }

  /** Nothing happens when a person retried, cancelled or chose cash meanwhile. */
  @Handles(resubmitJob)
  async resubmit({ prescriptionId, attempt }: { prescriptionId: string; attempt: number }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const { state } = await this.prescriptions.lock(tx, prescriptionId);
      const latest = (await this.store.ofPrescription(tx, prescriptionId)).at(-1);
      if (state !== 'adjudication_issue' || latest?.attempt !== attempt) return;
      await this.prescriptions.move(tx, {
        id: prescriptionId,
        action: 'select_pharmacy',
        actor: systemActor,
        trigger: 'schedule',
        reason: 'next fill date reached',
        run,
      });
    });
  }

  @Handles(authorizationDueJob)
  async authorizationRanOut(clock: AuthorizationClock, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await this.authorizations.ranOut(tx, clock, run);
      await this.outbox.close(tx, run);
    });
  }

  /** What the patient said answers the reject; nothing happens when a person was faster. */
  @Handles(retryWithCoverageJob)
  async retryWithCoverage({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const { state } = await this.prescriptions.lock(tx, prescriptionId);
      if (state !== 'adjudication_issue') return;
      await this.prescriptions.move(tx, {
        id: prescriptionId,
        action: 'select_pharmacy',
        actor: systemActor,
        trigger: 'worker',
        reason: 'coverage corrected',
        run,
      });
    });
  }

  /** Nothing happens when the copay is asked for meanwhile, or a newer claim stands: a redrive may come late. */
  @Handles(reverseJob)
  async reverse({ claimId }: { claimId: string }): Promise<void> {
    const claim = await this.db.tx(systemContext, (tx) => this.reversible(tx, claimId));
    if (claim !== undefined) await this.reversals.reverseAttempt(claim);
  }

  private async reversible(tx: Tx, claimId: string): Promise<ClaimRecord | undefined> {
    const claim = await this.store.byId(tx, claimId);
    if (claim === undefined) return undefined;
    const { state } = await this.prescriptions.get(tx, claim.prescriptionId);
    // A reversal names number and fill: it would take the newer claim back.
    const isReplaced = (await this.store.ofPrescription(tx, claim.prescriptionId)).some(
      (one) => one.attempt > claim.attempt && one.payerOrder !== 'cash' && mayBePaid(one),
    );
    return isReversible(state) && !isReplaced ? claim : undefined;
  }
}
