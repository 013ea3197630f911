import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Prescriptions, systemActor, type PrescriptionState } from '../prescriptions/index.js';
import { Tickets } from '../tickets/index.js';
import {
  adjudicateJob,
  authorizationDueJob,
  resubmitJob,
  retryWithCoverageJob,
  reverseJob,
} from './adjudication.jobs.js';
import { Adjudicator } from './adjudicator.service.js';
import type { ClaimRecord } from './claim.entity.js';
import { ClaimsStore } from './claims.store.js';
import { isReversible, mayBePaid } from './reversal.policy.js';
import { Reversals } from './reversals.service.js';

/** Where an order still wants its authorization; a claim that is being sent again may bring the same reject. */
const wantsAuthorization: ReadonlySet<PrescriptionState> = new Set(['adjudication_issue', 'pharmacy_selected']);

@Injectable()
export class AdjudicationWorker {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly adjudicator: Adjudicator,
    private readonly store: ClaimsStore,
    private readonly reversals: Reversals,
    private readonly tickets: Tickets,
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

  /** Nothing happens when it was decided, its clock started anew, or the order went on or ended without it. */
  @Handles(authorizationDueJob)
  async ticketOverdue(
    { prescriptionId, dueAt }: { prescriptionId: string; dueAt: string },
    run: JobRun,
  ): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      const fillSince = await this.prescriptions.fillSince(tx, prescription);
      const open = await this.store.priorAuthorization(tx, prescriptionId, fillSince);
      await this.outbox.close(tx, run);
      if (open?.closedAt !== null || open.dueAt.toISOString() !== dueAt) return;
      if (!wantsAuthorization.has(prescription.state)) return;
      const { claimId, organizationId, status } = open;
      const details = { prescriptionId, claimId, status, openedAt: open.openedAt.toISOString(), dueAt };
      await this.tickets.openSupport(tx, { organizationId, reason: 'claim.prior-authorization-overdue', details });
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
