import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, isHopeless, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { seesInside } from '../auth/index.js';
import {
  Compensations,
  failureOf,
  isTooLate,
  isUndelivered,
  Prescriptions,
  StepWaits,
  TimelineSources,
  undeliveredStates,
  Waiting,
  type CompensationStep,
  type Prescription,
  type PrescriptionState,
  type TimelineEntry,
  type UndeliveredState,
  type WaitingReason,
} from '../prescriptions/index.js';
import { Tickets } from '../tickets/index.js';
import { CancellationSteps, type FinishedStep } from './cancellation-steps.store.js';
import {
  compensateJob,
  moneyBackJob,
  resumeCancelJob,
  undeliveredJob,
  type ResumePayload,
} from './cancellation.jobs.js';
import { Cancellation } from './cancellation.service.js';
import { lateNoteOf, toldSteps, undoingReason } from './cancellation.waiting.js';
import { sayerOf, undoneFrom, type Ending } from './undoing.policy.js';

/** The coupon was billed for what the first payer left: while it stands, so does the claim below it. */
const mustFollow: Readonly<Partial<Record<CompensationStep, CompensationStep>>> = { primary_claim: 'secondary_claim' };

/** Of several refusals these are a person's first: meanwhile the medicine goes on. The money can wait for a redrive to name it. */
const mostUrgent: readonly CompensationStep[] = ['pharmacy_order', 'label'];

/** While something may still arrive: what is waited for may be lost, too, and nobody tells that here. */
const lookAgainMs = 86_400_000;

/** Takes a prescription apart that is cancelled, failed or returned, in order; each finished step is a row, and a repeat goes on behind the last one. */
@Injectable()
export class CancellationWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly prescriptions: Prescriptions,
    private readonly compensations: Compensations,
    private readonly steps: CancellationSteps,
    private readonly tickets: Tickets,
    private readonly outbox: Outbox,
    private readonly waiting: Waiting,
    private readonly timeline: TimelineSources,
    private readonly cancellation: Cancellation,
  ) {}

  onModuleInit(): void {
    for (const state of undeliveredStates) {
      this.waiting.register({ states: [state], explain: (tx, prescription) => this.explain(tx, prescription, state) });
    }
    this.timeline.register({ name: 'cancellation', audience: 'parties', entries: (tx, id) => this.entries(tx, id) });
  }

  @Handles(undeliveredJob)
  async undelivered({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.get(tx, prescriptionId);
      const ending = await this.endingOf(tx, prescription);
      // Whether something may arrive all the same is asked when it is due: by then that may be lost, too.
      const dueAt = ending && undoneFrom({ ...ending, mayArrive: false }, this.clock.now());
      if (dueAt !== undefined) await this.plan(tx, prescription, dueAt, run);
      await this.outbox.close(tx, run);
    });
  }

  /**
   * A carrier or pharmacy that is away is waited for, in order. Whoever is away with the claims or the money keeps nobody from
   * telling the pharmacy, and who refuses for good holds up nothing: a payer's no must not keep the patient's money. The most
   * urgent refusal becomes the dead letter; its redrive tries what is left and names the next one. What is not to be undone yet,
   * after all, is planned again.
   */
  @Handles(compensateJob)
  async compensate({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    const undone = new Map<CompensationStep, unknown>();
    const waits: CompensationStep[] = [];
    for (const provider of this.compensations.inOrder()) {
      const { step } = provider;
      const before = mustFollow[step];
      if (before !== undefined && undone.has(before)) continue;
      const open = await this.db.tx(systemContext, (tx) => this.isOpen(tx, prescriptionId, step));
      if (!open) continue;
      try {
        const outcome = await provider.run(prescriptionId);
        await this.db.tx(systemContext, (tx) => this.finish(tx, prescriptionId, step, outcome));
      } catch (error) {
        if (error instanceof StepWaits) waits.push(step);
        else if (!isHopeless(error)) throw error;
        undone.set(step, failureOf(error));
      }
    }
    const named = [...mostUrgent, ...waits, ...undone.keys()].find((step) => undone.has(step));
    if (named !== undefined) throw undone.get(named);
    await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.get(tx, prescriptionId);
      const dueAt = await this.tooEarlyUntil(tx, prescription);
      if (dueAt !== undefined) await this.plan(tx, prescription, dueAt, run);
      await this.outbox.close(tx, run);
    });
  }

  /** Who asked was told that it is cancelled: that the medicine comes all the same is somebody's to say. */
  private async finish(tx: Tx, prescriptionId: string, step: CompensationStep, outcome: string): Promise<void> {
    await this.steps.note(tx, prescriptionId, step, outcome);
    const { organizationId, state } = await this.prescriptions.get(tx, prescriptionId);
    if (state !== 'cancelled' || !isTooLate(outcome)) return;
    const next =
      'Tell prescriber and patient that it was on its way already; ask the pharmacy or the carrier to stop it.';
    const details = { prescriptionId, step, outcome, next };
    await this.tickets.openSupport(tx, { organizationId, reason: 'cancellation.too-late', details });
  }

  /** An undoing that has not begun finds the money by itself, if it comes to it. */
  @Handles(moneyBackJob)
  async moneyBack({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    const isOwed = await this.db.tx(systemContext, async (tx) => {
      const from = await this.undoneFrom(tx, await this.prescriptions.get(tx, prescriptionId));
      if (from === undefined) return false;
      const finished = await this.steps.finished(tx, prescriptionId);
      return from <= this.clock.now() || finished.some(({ step }) => step === 'refund');
    });
    const refund = this.compensations.inOrder().find(({ step }) => step === 'refund');
    try {
      if (isOwed) await refund?.run(prescriptionId);
    } catch (error) {
      throw failureOf(error);
    }
    await this.db.tx(systemContext, (tx) => this.outbox.close(tx, run));
  }

  @Handles(resumeCancelJob)
  async resume(payload: ResumePayload, run: JobRun): Promise<void> {
    await this.cancellation.resume(payload, run);
  }

  private async plan(tx: Tx, { id, organizationId }: Prescription, dueAt: Date, { outboxId }: JobRun): Promise<void> {
    const about = { dueAt, aggregateId: id, organizationId, dedupeKey: `${compensateJob.name} ${outboxId}` };
    await this.outbox.enqueue(tx, compensateJob, { prescriptionId: id }, about);
  }

  /** A later report may have taken the end back, or dated it anew: then nothing more is undone, or not yet. */
  private async isOpen(tx: Tx, prescriptionId: string, step: string): Promise<boolean> {
    const prescription = await this.prescriptions.get(tx, prescriptionId);
    const from = await this.undoneFrom(tx, prescription);
    if (from === undefined || from > this.clock.now()) return false;
    const finished = await this.steps.finished(tx, prescriptionId);
    return finished.every((known) => known.step !== step);
  }

  /** @returns when to look again; undefined when the undoing has begun, or there is nothing to undo */
  private async tooEarlyUntil(tx: Tx, prescription: Prescription): Promise<Date | undefined> {
    const ending = await this.endingOf(tx, prescription);
    if (ending === undefined) return undefined;
    const now = this.clock.now();
    const from = undoneFrom(ending, now).getTime();
    const earliest = undoneFrom({ ...ending, mayArrive: false }, now).getTime();
    const tomorrow = now.getTime() + lookAgainMs;
    return from > now.getTime() ? new Date(Math.max(earliest, Math.min(from, tomorrow))) : undefined;
  }

  /** @returns undefined when there is nothing to undo */
  private async undoneFrom(tx: Tx, prescription: Prescription): Promise<Date | undefined> {
    const ending = await this.endingOf(tx, prescription);
    return ending && undoneFrom(ending, this.clock.now());
  }

  private async endingOf(tx: Tx, prescription: Prescription): Promise<Ending | undefined> {
    const { id, state, stateSince: since } = prescription;
    if (!isUndelivered(state)) return undefined;
    const saidBy = sayerOf(state, await this.steps.lastWords(tx, id));
    return { state, since, saidBy, mayArrive: await this.compensations.mayArrive(tx, id) };
  }

  private async explain(tx: Tx, prescription: Prescription, state: UndeliveredState): Promise<WaitingReason> {
    const { id, stateSince: since } = prescription;
    const inside = seesInside(tx.context);
    const finished = toldSteps(await this.steps.finished(tx, id), inside);
    const done = new Set(finished.map(({ step }) => step));
    const open = this.compensations.inOrder().flatMap(({ step }) => (done.has(step) ? [] : [step]));
    const from = (await this.undoneFrom(tx, prescription)) ?? since;
    return undoingReason({ state, since, from, now: this.clock.now(), finished, open, inside });
  }

  private async entries(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
    const { state } = await this.prescriptions.get(tx, prescriptionId);
    const finished = toldSteps(await this.steps.finished(tx, prescriptionId), seesInside(tx.context));
    return finished.map((step) => entryOf(step, state));
  }
}

function entryOf({ step, outcome, at }: FinishedStep, state: PrescriptionState): TimelineEntry {
  const note = lateNoteOf(outcome, state);
  return {
    at,
    recordedAt: at,
    kind: 'cancellation',
    code: `cancellation.${step}`,
    actor: { kind: 'system', id: null },
    cause: { trigger: 'worker', reason: outcome },
    details: { step, outcome, ...(note !== undefined && { note }) },
  };
}
