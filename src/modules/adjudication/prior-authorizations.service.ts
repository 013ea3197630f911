import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { beforePaid, Prescriptions, type Prescription, type PrescriptionState } from '../prescriptions/index.js';
import { Tickets } from '../tickets/index.js';
import { authorizationDueJob, type AuthorizationClock } from './adjudication.jobs.js';
import { planAsked } from './attempt.policy.js';
import { currentReject, verdictOfClaim } from './card-check.policy.js';
import { ClaimsStore } from './claims.store.js';
import { PriorAuthorization, type PriorAuthorizationStatus } from './prior-authorization.entity.js';
import type { RejectVerdict } from './reject.policy.js';

/** Standard coverage determination: 72 hours (42 CFR 423.568(b)). */
const clockMs = 72 * 3_600_000;
/** While nobody asks for it: a corrected order may be on its way to the same reject. */
const lookAgainMs = 86_400_000;

/** Until its price is known an order may come to want its authorization. */
const priced: readonly PrescriptionState[] = ['adjudicated', 'awaiting_payment'];
const mayWant: ReadonlySet<PrescriptionState> = new Set(beforePaid.filter((state) => !priced.includes(state)));

/** By the reject code that says so. */
const statusOfCode: Readonly<Partial<Record<string, PriorAuthorizationStatus>>> = {
  '75': 'opened',
  '3W': 'in_process',
  '3Y': 'denied',
};

/** What a payer wants to be asked before it pays, and until when an answer is due. Each is for one drug of one patient. */
@Injectable()
export class PriorAuthorizations {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly claims: ClaimsStore,
    private readonly tickets: Tickets,
  ) {}

  /** Of the fill that is ordered now and the plan asked last: one opened for another drug, patient or plan is none. */
  async of(tx: Tx, prescription: Prescription): Promise<PriorAuthorization | undefined> {
    const latest = await this.ofFill(tx, prescription);
    if (latest === undefined) return undefined;
    const claims = await this.claims.ofPrescription(tx, prescription.id);
    const plan = claims.find(({ id }) => id === latest.claimId)?.bin;
    return plan === planAsked(claims) ? latest : undefined;
  }

  /**
   * In the transaction that rejects the claim. The clock of an open one keeps running; a closed one that is asked for again starts
   * anew, as does one of another fill or plan.
   */
  async askedFor(tx: Tx, prescription: Prescription, claimId: string, verdict: RejectVerdict): Promise<void> {
    const status = statusIn(verdict);
    if (status === undefined) return;
    const { id, organizationId } = prescription;
    const now = this.clock.now();
    const earlier = await this.of(tx, prescription);
    const { openedAt, dueAt } =
      earlier?.closedAt === null ? earlier : { openedAt: now, dueAt: new Date(now.getTime() + clockMs) };
    const closedAt = status === 'denied' ? now : null;
    await tx.send(
      `INSERT INTO prior_authorizations (id, prescription_id, organization_id, claim_id, status, number, opened_at, due_at, closed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (prescription_id) DO UPDATE SET status = EXCLUDED.status, number = EXCLUDED.number, claim_id = EXCLUDED.claim_id,
         opened_at = EXCLUDED.opened_at, due_at = EXCLUDED.due_at, closed_at = EXCLUDED.closed_at`,
      [newId(), id, organizationId, claimId, status, earlier?.number ?? null, openedAt, dueAt, closedAt],
    );
    await this.look(tx, prescription, dueAt, { at: dueAt });
  }

  /** Called with the prescription locked, before the claim that carries the number. */
  async approve(tx: Tx, prescription: Prescription, number: string): Promise<void> {
    const asked = await this.of(tx, prescription);
    if (asked === undefined) return;
    await tx.send(`UPDATE prior_authorizations SET status = 'approved', number = $2, closed_at = $3 WHERE id = $1`, [
      asked.id,
      number,
      this.clock.now(),
    ]);
  }

  /**
   * The clock of an authorization has run out: a ticket when the payer still asks for it. Nothing happens when it was decided, its
   * clock started anew, or the order went on or ended without it.
   */
  async ranOut(tx: Tx, { prescriptionId, dueAt }: AuthorizationClock, { outboxId }: JobRun): Promise<void> {
    const prescription = await this.prescriptions.lock(tx, prescriptionId);
    // Also of a plan that is not asked at the moment: the patient may come back to it.
    const open = await this.ofFill(tx, prescription);
    if (open?.closedAt !== null || open.dueAt.toISOString() !== dueAt) return;
    if (!mayWant.has(prescription.state)) return;
    if (await this.isAskedFor(tx, prescription)) {
      await this.ticket(tx, open);
    } else {
      const at = new Date(this.clock.now().getTime() + lookAgainMs);
      await this.look(tx, prescription, open.dueAt, { at, after: outboxId });
    }
  }

  private async ofFill(tx: Tx, prescription: Prescription): Promise<PriorAuthorization | undefined> {
    const latest = await tx.row(PriorAuthorization, { prescriptionId: prescription.id });
    if (latest === undefined) return undefined;
    return latest.openedAt >= (await this.prescriptions.fillSince(tx, prescription)) ? latest : undefined;
  }

  /** At a clock once at its end, and once after each look. */
  private async look(
    tx: Tx,
    { id: prescriptionId, organizationId }: Prescription,
    clockEnd: Date,
    { at, after }: { at: Date; after?: string },
  ): Promise<void> {
    const clock = { prescriptionId, dueAt: clockEnd.toISOString() };
    await this.outbox.enqueue(tx, authorizationDueJob, clock, {
      dueAt: at,
      dedupeKey: `authorization-due:${after ?? `${prescriptionId}:${clock.dueAt}`}`,
      aggregateId: prescriptionId,
      organizationId,
    });
  }

  private async isAskedFor(tx: Tx, prescription: Prescription): Promise<boolean> {
    if (prescription.state !== 'adjudication_issue') return false;
    const rejected = currentReject(await this.claims.ofPrescription(tx, prescription.id));
    return statusIn(verdictOfClaim(rejected, prescription)) !== undefined;
  }

  private async ticket(tx: Tx, open: PriorAuthorization): Promise<void> {
    const { prescriptionId, claimId, organizationId, status, openedAt, dueAt } = open;
    const times = { openedAt: openedAt.toISOString(), dueAt: dueAt.toISOString() };
    const details = { prescriptionId, claimId, status, ...times };
    await this.tickets.openSupport(tx, { organizationId, reason: 'claim.prior-authorization-overdue', details });
  }
}

function statusIn({ all }: RejectVerdict): PriorAuthorizationStatus | undefined {
  return all.flatMap(({ code }) => statusOfCode[code] ?? [])[0];
}
