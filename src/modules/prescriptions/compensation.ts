import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { isHopeless } from '../../platform/jobs/index.js';

/**
 * The order in which a prescription that is cancelled, failed or returned is taken apart: what needs no vendor before what
 * does, secondary claim before primary, money before parties.
 */
export const compensationOrder = [
  'enrollment_link',
  'secondary_claim',
  'primary_claim',
  'payment_link',
  'refund',
  'label',
  'pharmacy_order',
  'parties',
] as const;
export type CompensationStep = (typeof compensationOrder)[number];

/** Outcomes of steps that came too late: an answer to be known and acted upon, not a failure to be tried again. */
const tooLate: ReadonlySet<string> = new Set(['label-used', 'already-shipped']);

export function isTooLate(outcome: string): boolean {
  return tooLate.has(outcome);
}

/** Outcome of the label's step: the carrier does not take it back although it has not seen the parcel, so it may yet leave. */
export const labelKept = 'label-kept';

/** Outcome of the steps that undo a payment: money came in that does not fit, and giving it back is operations' to do. */
export const moneyLookedInto = 'money-looked-into';

/**
 * Thrown by a step that waits for somebody who has no part in the others, as for a payer or for who holds the money: they are
 * done meanwhile, and it is tried again.
 */
export class StepWaits extends Error {
  constructor(override readonly cause: Error) {
    super('this step waits for itself', { cause });
  }
}

/** For such steps: whatever a repetition may mend is waited for by this one alone. @throws StepWaits, or what nothing mends */
export async function waitAlone<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Error && !isHopeless(error) ? new StepWaits(error) : error;
  }
}

/** What a step failed with, for whoever decides when to try again. */
export function failureOf(error: unknown): unknown {
  return error instanceof StepWaits ? error.cause : error;
}

/** One step of the cancel saga. Runs again after a crash; doing nothing twice is its duty. */
export interface CompensationProvider {
  step: CompensationStep;
  /** @returns what was done, as a code such as `refunded` or `nothing-to-do` */
  run(prescriptionId: string): Promise<string>;
  /** Asked before a shipped prescription may be cancelled: is this step still able to undo? Steps without it never object. */
  stillPossible?(prescriptionId: string): Promise<boolean>;
  /** Asked before what a carrier did not deliver is undone: is something of it on its way all the same? */
  mayArrive?: (tx: Tx, prescriptionId: string) => Promise<boolean>;
}

@Injectable()
export class Compensations {
  private readonly providers = new Map<CompensationStep, CompensationProvider>();

  /** @throws Error when a step is registered twice */
  register(provider: CompensationProvider): void {
    if (this.providers.has(provider.step)) throw new Error(`compensation ${provider.step} is registered twice`);
    this.providers.set(provider.step, provider);
  }

  inOrder(): readonly CompensationProvider[] {
    return compensationOrder.flatMap((step) => this.providers.get(step) ?? []);
  }

  /** Whether something of a prescription that ended may reach the patient all the same. */
  async mayArrive(tx: Tx, prescriptionId: string): Promise<boolean> {
    for (const { mayArrive } of this.inOrder()) {
      if (mayArrive !== undefined && (await mayArrive(tx, prescriptionId))) return true;
    }
    return false;
  }
}
