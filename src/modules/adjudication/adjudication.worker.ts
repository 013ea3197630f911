import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import {
  beforePaid,
  Prescriptions,
  systemActor,
  type Prescription,
  type PrescriptionState,
} from '../prescriptions/index.js';
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
import { currentReject, verdictOfClaim } from './card-check.policy.js';
import { ClaimsStore } from './claims.store.js';
import { priorAuthorizationStatus, type PriorAuthorization } from './prior-authorization.entity.js';
import { isReversible, mayBePaid } from './reversal.policy.js';
import { Reversals } from './reversals.service.js';

/** Until its price is known an order may come to want its authorization. */
const priced: readonly PrescriptionState[] = ['adjudicated', 'awaiting_payment'];
const mayWantAuthorization: ReadonlySet<PrescriptionState> = new Set(
  beforePaid.filter((state) => !priced.includes(state)),
);
const lookAgainMs = 86_400_000;

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
    private readonly clock: Clock,
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

  /**
   * Nothing happens when it was decided, its clock started anew, or the order went on or ended without it. While nobody asks for
   * it, a corrected order may be on its way to the same reject: that is looked at every day.
   */
  @Handles(authorizationDueJob)
  async ticketOverdue(clock: { prescriptionId: string; dueAt: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.lock(tx, clock.prescriptionId);
      const fillSince = await this.prescriptions.fillSince(tx, prescription);
      const open = await this.store.priorAuthorization(tx, prescription.id, fillSince);
      await this.outbox.close(tx, run);
      if (open?.closedAt !== null || open.dueAt.toISOString() !== clock.dueAt) return;
      if (!mayWantAuthorization.has(prescription.state)) return;
      await ((await this.wantsAuthorization(tx, prescription)) ? this.ticket(tx, open) : this.lookAgain(tx, open, run));
    });
  }

  private async wantsAuthorization(tx: Tx, prescription: Prescription): Promise<boolean> {
    if (prescription.state !== 'adjudication_issue') return false;
    const rejected = currentReject(await this.store.ofPrescription(tx, prescription.id));
    return verdictOfClaim(rejected, prescription).all.some(({ code }) => priorAuthorizationStatus[code] !== undefined);
  }

  private async ticket(tx: Tx, open: PriorAuthorization): Promise<void> {
    const { prescriptionId, claimId, organizationId, status, openedAt, dueAt } = open;
    const times = { openedAt: openedAt.toISOString(), dueAt: dueAt.toISOString() };
    const details = { prescriptionId, claimId, status, ...times };
    await this.tickets.openSupport(tx, { organizationId, reason: 'claim.prior-authorization-overdue', details });
  }

  private async lookAgain(tx: Tx, open: PriorAuthorization, { outboxId }: JobRun): Promise<void> {
    const { prescriptionId: aggregateId, organizationId } = open;
    const clock = { prescriptionId: aggregateId, dueAt: open.dueAt.toISOString() };
    const dueAt = new Date(this.clock.now().getTime() + lookAgainMs);
    const dedupeKey = `authorization-due:${outboxId}`;
    await this.outbox.enqueue(tx, authorizationDueJob, clock, { dueAt, dedupeKey, aggregateId, organizationId });
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
