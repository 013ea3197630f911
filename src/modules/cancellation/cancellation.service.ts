import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext, type DbContext, type Tx } from '../../platform/db/index.js';
import { fail as platformFail } from '../../platform/errors/index.js';
import { Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { actorOf, contextOf, type Principal } from '../auth/index.js';
import {
  Compensations,
  isTooLate,
  labelKept,
  prescriptionFail,
  Prescriptions,
  type Actor,
  type CompensationProvider,
  type Prescription,
} from '../prescriptions/index.js';
import { Tickets } from '../tickets/index.js';
import { resumeCancelJob, type ResumePayload } from './cancellation.jobs.js';
import { CancellationSteps } from './cancellation-steps.store.js';
import { cancelRules, type CancelRule } from './cancellation.policy.js';

/** Who asks, and what rows that shows. */
export interface CancelledBy {
  context: DbContext;
  actor: Actor;
}

/** Gives the label back. @returns what came of it; that it is used is an answer */
type Undo = (label: CompensationProvider, prescriptionId: string) => Promise<string>;

export type CancelOutcome = 'cancelled' | 'label-kept' | Exclude<CancelRule, 'cancel' | 'void-label-first'>;

export function cancelledBy(principal: Principal): CancelledBy {
  return { context: contextOf(principal), actor: actorOf(principal) };
}

/** Ends a prescription at once; what has to be undone is undone afterwards, step by step (cancellation.worker.ts). */
@Injectable()
export class Cancellation {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly compensations: Compensations,
    private readonly steps: CancellationSteps,
    private readonly audit: Audit,
    private readonly tickets: Tickets,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'EFFECT_HOLD_MS'>,
  ) {}

  /**
   * Cancels when the decision table allows it, voiding a bought label first. Repeats are harmless.
   * @throws prescription.not-found; service.unavailable when the carrier does not say whether the label is void, or was not
   *   asked because it is off: the cancel then goes on by itself
   */
  async request(by: CancelledBy, prescriptionId: string, reason: string): Promise<CancelOutcome> {
    const first = await this.attempt(by, prescriptionId, reason, false);
    if (first !== 'void-label-first') return first;
    const resumption = await this.remember(by, prescriptionId, reason);
    const outcome = await this.withoutLabel(by, prescriptionId, reason, runOrUnavailable);
    await this.db.tx(systemContext, (tx) => this.outbox.close(tx, resumption));
    return outcome;
  }

  /**
   * Goes on with a cancel that was asked for, unless it has come to an end meanwhile, or the parcel has left.
   * @throws Unrecoverable `prescription.label-not-refunded`: nobody waits for the answer, and the parcel may still leave
   */
  async resume({ prescriptionId, actorKind, actorId }: ResumePayload, run: JobRun): Promise<void> {
    const { state, reason } = await this.db.tx(systemContext, async (tx) => {
      const { state } = await this.prescriptions.get(tx, prescriptionId);
      return { state, reason: (await this.steps.reasonOf(tx, prescriptionId)) ?? 'resumed' };
    });
    const by = { context: systemContext, actor: { kind: actorKind, id: actorId } };
    if (cancelRules[state] === 'void-label-first') {
      const outcome = await this.withoutLabel(by, prescriptionId, reason, (label, id) => label.run(id));
      if (outcome === labelKept) throw new Unrecoverable('prescription.label-not-refunded', 'the label stays valid');
    }
    await this.db.tx(systemContext, (tx) => this.outbox.close(tx, run));
  }

  /** As `request`, for people: what cannot be cancelled is an error. @throws prescription.already-handed-over, prescription.label-not-refunded, prescription.illegal-action */
  async cancel(principal: Principal, prescriptionId: string, reason: string): Promise<Prescription> {
    const by = cancelledBy(principal);
    const outcome = await this.request(by, prescriptionId, reason);
    if (outcome === 'handed-over') throw prescriptionFail('prescription.already-handed-over');
    if (outcome === 'label-kept') throw prescriptionFail('prescription.label-not-refunded');
    const now = await this.db.tx(by.context, (tx) => this.prescriptions.get(tx, prescriptionId));
    if (outcome === 'over') {
      throw prescriptionFail('prescription.illegal-action', { meta: { state: now.state, action: 'cancel' } });
    }
    return now;
  }

  /**
   * What was dispensed stays dispensed, but nothing more follows (NCPDP CancelRx after dispensing). The pharmacy was handed the
   * refills with the order and is told nothing by itself, so operations are asked to tell it.
   */
  async cancelRefills(prescriptionId: string): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      const sql =
        'UPDATE prescriptions SET refills = 0 WHERE id = $1 AND refills > 0 RETURNING pharmacy_id AS "pharmacyId"';
      const had = await tx.one<{ pharmacyId: string | null }>(sql, [prescriptionId]);
      await this.steps.note(tx, prescriptionId, 'refills', 'refills-cancelled');
      await this.record(tx, prescription, 'cancel-refills');
      if (had === undefined) return;
      const { organizationId } = prescription;
      const details = { prescriptionId, pharmacyId: had.pharmacyId, next: 'Ask the pharmacy to fill no more of it.' };
      await this.tickets.openSupport(tx, { organizationId, reason: 'cancellation.refills-to-stop', details });
    });
  }

  /** The call to the carrier is outside any transaction: what was asked for is noted before, once, and crossed out after. */
  private async remember({ actor }: CancelledBy, prescriptionId: string, reason: string): Promise<JobRun> {
    return this.db.tx(systemContext, async (tx) => {
      const { organizationId } = await this.prescriptions.lock(tx, prescriptionId);
      const payload = { prescriptionId, actorKind: actor.kind, ...(actor.id !== undefined && { actorId: actor.id }) };
      const dueAt = new Date(this.clock.now().getTime() + this.config.EFFECT_HOLD_MS);
      const about = { aggregateId: prescriptionId, organizationId, dueAt };
      const open = await this.steps.openResumption(tx, prescriptionId);
      if (open !== undefined) return { outboxId: open, attempt: 1, closed: false };
      await this.steps.noteReason(tx, prescriptionId, reason);
      const outboxId = await this.outbox.enqueue(tx, resumeCancelJob, payload, about);
      if (outboxId === undefined) throw new Error('a job without a key was not enqueued');
      return { outboxId, attempt: 1, closed: false };
    });
  }

  private async withoutLabel(
    by: CancelledBy,
    prescriptionId: string,
    reason: string,
    undo: Undo,
  ): Promise<CancelOutcome> {
    const obstacle = await this.voidLabel(prescriptionId, undo);
    if (obstacle !== undefined) return obstacle;
    const outcome = await this.attempt(by, prescriptionId, reason, true);
    return outcome === 'void-label-first' ? 'handed-over' : outcome;
  }

  private attempt(
    by: CancelledBy,
    id: string,
    reason: string,
    labelIsVoid: boolean,
  ): Promise<CancelOutcome | 'void-label-first'> {
    return this.db.tx(by.context, async (tx) => {
      const prescription = await this.prescriptions.lock(tx, id);
      const rule = cancelRules[prescription.state];
      if (rule !== 'cancel' && !(rule === 'void-label-first' && labelIsVoid)) return rule;
      // 'infinity': no later report of pharmacy or carrier overrules a cancel of our own.
      await this.prescriptions.moveOrRefuse(tx, {
        id,
        action: 'cancel',
        actor: by.actor,
        trigger: 'user',
        reason,
        facts: { outcomeAt: 'infinity' },
      });
      await this.record(tx, prescription, 'cancel');
      return 'cancelled';
    });
  }

  /**
   * The call to the carrier happens outside any transaction; the step's own effect key keeps it single.
   * @returns why the prescription cannot be cancelled: its parcel has left, or may leave
   */
  private async voidLabel(prescriptionId: string, undo: Undo): Promise<'handed-over' | 'label-kept' | undefined> {
    const label = this.compensations.inOrder().find(({ step }) => step === 'label');
    if (label?.stillPossible === undefined || !(await label.stillPossible(prescriptionId))) return 'handed-over';
    const outcome = await undo(label, prescriptionId);
    if (isTooLate(outcome)) return 'handed-over';
    if (outcome === labelKept) return labelKept;
    await this.db.tx(systemContext, (tx) => this.steps.note(tx, prescriptionId, 'label', outcome));
    return undefined;
  }

  private record(tx: Tx, prescription: Prescription, reason: string): Promise<void> {
    const { id, organizationId } = prescription;
    return this.audit.record(tx, { action: 'write', entity: 'prescription', entityIds: [id], organizationId, reason });
  }
}

/** For who waits for the answer; the job that goes on ends with the error itself. */
async function runOrUnavailable(label: CompensationProvider, prescriptionId: string): Promise<string> {
  try {
    return await label.run(prescriptionId);
  } catch (error) {
    throw platformFail('service.unavailable', { retryAfterSeconds: 5, meta: { part: 'carrier' }, cause: error });
  }
}
