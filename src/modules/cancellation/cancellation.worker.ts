import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, isHopeless, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import {
  Compensations,
  Prescriptions,
  TimelineSources,
  Waiting,
  type CompensationStep,
  type Prescription,
  type TimelineEntry,
  type WaitingReason,
} from '../prescriptions/index.js';
import { CancellationSteps, type FinishedStep } from './cancellation-steps.store.js';
import { compensateJob } from './cancellation.jobs.js';

/** The coupon was billed for what the first payer left: while it stands, so does the claim below it. */
const mustFollow: Readonly<Partial<Record<CompensationStep, CompensationStep>>> = { primary_claim: 'secondary_claim' };

/** Takes a cancelled prescription apart in order; each finished step is a row, and a repeat goes on behind the last one. */
@Injectable()
export class CancellationWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly compensations: Compensations,
    private readonly steps: CancellationSteps,
    private readonly outbox: Outbox,
    private readonly waiting: Waiting,
    private readonly timeline: TimelineSources,
  ) {}

  onModuleInit(): void {
    this.waiting.register({ states: ['cancelled'], explain: (tx, prescription) => this.explain(tx, prescription) });
    this.timeline.register({ name: 'cancellation', audience: 'parties', entries: (tx, id) => this.entries(tx, id) });
  }

  /**
   * A vendor that is away is waited for, in order. One that refuses for good does not hold up the rest: a payer's no must not
   * keep the patient's money. The refusal becomes the dead letter; its redrive tries what is left.
   */
  @Handles(compensateJob)
  async compensate({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    const refusals = new Map<CompensationStep, unknown>();
    for (const provider of this.compensations.inOrder()) {
      const { step } = provider;
      const before = mustFollow[step];
      if (before !== undefined && refusals.has(before)) continue;
      const todo = await this.db.tx(systemContext, (tx) => this.isOpen(tx, prescriptionId, step));
      if (!todo) continue;
      try {
        const outcome = await provider.run(prescriptionId);
        await this.db.tx(systemContext, (tx) => this.steps.note(tx, prescriptionId, step, outcome));
      } catch (error) {
        if (!isHopeless(error)) throw error;
        refusals.set(step, error);
      }
    }
    for (const refusal of refusals.values()) throw refusal;
    await this.db.tx(systemContext, (tx) => this.outbox.close(tx, run));
  }

  /** A pharmacy's later report may have taken the cancel back: then nothing more is undone. */
  private async isOpen(tx: Tx, prescriptionId: string, step: string): Promise<boolean> {
    const { state } = await this.prescriptions.get(tx, prescriptionId);
    if (state !== 'cancelled') return false;
    const finished = await this.steps.finished(tx, prescriptionId);
    return finished.every((known) => known.step !== step);
  }

  private async explain(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const finished = await this.steps.finished(tx, prescription.id);
    const done = new Set(finished.map(({ step }) => step));
    const open = this.compensations.inOrder().flatMap(({ step }) => (done.has(step) ? [] : [step]));
    const details = { finished: finished.map(({ step, outcome }) => ({ step, outcome })), open };
    if (open.length > 0) {
      return {
        code: 'cancellation.compensating',
        waitsFor: 'The prescription is cancelled; what it had started is being undone.',
        who: 'platform',
        since: prescription.stateSince,
        next: `Next step: ${open[0] ?? ''}.`,
        details,
      };
    }
    return {
      code: 'cancellation.done',
      waitsFor: 'Nothing: the prescription is cancelled and everything it had started is undone.',
      who: 'nobody',
      since: finished.at(-1)?.at ?? prescription.stateSince,
      next: 'Nothing happens any more. A new prescription is needed to go on.',
      details,
    };
  }

  private async entries(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
    return (await this.steps.finished(tx, prescriptionId)).map(entryOf);
  }
}

function entryOf({ step, outcome, at }: FinishedStep): TimelineEntry {
  return {
    at,
    recordedAt: at,
    kind: 'cancellation',
    code: `cancellation.${step}`,
    actor: { kind: 'system', id: null },
    cause: { trigger: 'worker', reason: outcome },
    details: { step, outcome },
  };
}
