import {
  isTooLate,
  labelKept,
  lookedInto,
  moneyLookedInto,
  type CompensationStep,
  type PrescriptionState,
  type UndeliveredState,
  type WaitingReason,
} from '../prescriptions/index.js';
import type { FinishedStep } from './cancellation-steps.store.js';

/** How far the undoing of a prescription is. */
export interface Undoing {
  state: UndeliveredState;
  since: Date;
  now: Date;
  /** Not before. */
  from: Date;
  finished: readonly FinishedStep[];
  open: readonly CompensationStep[];
  /** Whether who asks is told what happens inside. */
  inside: boolean;
}

const ended: Readonly<Record<UndeliveredState, string>> = {
  cancelled: 'the prescription is cancelled',
  failed: 'the pharmacy or the carrier could not deliver',
  returned: 'the parcel goes back to the pharmacy',
};

const byHand = 'POST /api/claims/:id/reverse and POST /api/invoices/:id/refunds';

const lateNotes: Readonly<Record<string, string>> = {
  'already-shipped': 'the pharmacy had already shipped; the parcel is on its way',
  'label-used': 'the carrier already had the parcel; it is on its way and its label is paid for',
};

const keptNote = 'the carrier does not take its label back, though it has not seen the parcel; the label is paid for';

/** Outcomes stand for ever, and the money may go back otherwise: how far a refund had come then is for staff. */
const neutral: Readonly<Record<string, string>> = { 'refund-failed': 'refund-begun', 'refund-pending': 'refund-begun' };

/** Finished steps as they are told. */
export function toldSteps(steps: readonly FinishedStep[], inside: boolean): readonly FinishedStep[] {
  return inside ? steps : steps.map((step) => ({ ...step, outcome: neutral[step.outcome] ?? step.outcome }));
}

/** What it means that a step could not undo anything; undefined when it did, or nobody wanted it stopped. */
export function lateNoteOf(outcome: string, state: PrescriptionState): string | undefined {
  if (outcome === labelKept) return keptNote;
  return state === 'cancelled' && isTooLate(outcome) ? (lateNotes[outcome] ?? outcome) : undefined;
}

/** What `/why` says of a prescription that was cancelled, failed or returned. */
export function undoingReason(undoing: Undoing): WaitingReason {
  const { state, since, now, from, finished, open } = undoing;
  const details = {
    finished: finished.map(({ step, outcome }) => ({ step, outcome })),
    open,
    ...(state !== 'cancelled' && { undoneFrom: from.toISOString() }),
  };
  const reason = open.length === 0 ? done(undoing) : now < from ? waiting(undoing) : compensating(undoing);
  return { since, ...reason, details };
}

function waiting({ state, from }: Undoing): Omit<WaitingReason, 'since'> {
  return {
    code: 'cancellation.undelivered',
    waitsFor: `A decision: ${ended[state]}.`,
    who: 'ops',
    next: `Speak to carrier, pharmacy and patient; a later delivery report still counts. Without one the claim is reversed and the payment refunded by itself from ${from.toISOString()} on; sooner by ${byHand}.`,
  };
}

function compensating({ state, open }: Undoing): Omit<WaitingReason, 'since'> {
  return {
    code: 'cancellation.compensating',
    waitsFor: `The end of the undoing: ${ended[state]}, and what the prescription had started is being undone.`,
    who: 'platform',
    next: `Next step: ${open[0] ?? ''}.`,
  };
}

function done(undoing: Undoing): WaitingReason {
  return { ...cameOf(undoing), since: undoing.finished.at(-1)?.at ?? undoing.since };
}

function cameOf({ state, finished, inside }: Undoing): Omit<WaitingReason, 'since'> {
  const isMoneyLookedInto = finished.some(({ outcome }) => outcome === moneyLookedInto);
  if (state !== 'cancelled') {
    if (isMoneyLookedInto) return moneyOf(state, inside);
    return {
      code: 'cancellation.undone',
      waitsFor: `A decision: ${ended[state]}; claim and payment are undone, and the patient is without the medicine.`,
      who: 'ops',
      next: 'Speak to the patient; a new prescription is needed to go on. A delivery reported all the same is recorded, but bills nothing again.',
    };
  }
  const late = finished.flatMap(({ outcome }) => (isTooLate(outcome) ? (lateNoteOf(outcome, state) ?? []) : []))[0];
  if (late !== undefined) {
    return {
      code: 'cancellation.already-shipped',
      waitsFor: `A decision: the prescription is cancelled, but ${late}.`,
      who: 'ops',
      next: 'Ask the patient to refuse the parcel or to send it back, and the pharmacy whether it can stop it. If it is kept, it needs a new prescription to be billed.',
    };
  }
  if (finished.some(({ outcome }) => outcome === labelKept)) {
    return {
      code: 'cancellation.label-kept',
      waitsFor: `A decision: the prescription is cancelled, but ${keptNote}.`,
      who: 'ops',
      next: 'Ask the pharmacy to hold the parcel and to destroy the label, and the carrier to refund it.',
    };
  }
  if (isMoneyLookedInto) return moneyOf(state, inside);
  return {
    code: 'cancellation.done',
    waitsFor: 'Nothing: the prescription is cancelled and everything it had started is undone.',
    who: 'nobody',
    next: 'Nothing happens any more. A new prescription is needed to go on.',
  };
}

/** What could be undone is; the money was never taken for the order's, so nobody gives it back by itself. */
function moneyOf(state: UndeliveredState, inside: boolean): Omit<WaitingReason, 'since'> {
  if (!inside) return { code: 'cancellation.looked-into', ...lookedInto };
  return {
    code: 'cancellation.money-looked-into',
    waitsFor: `A decision: ${ended[state]}, but a payment was reported that does not fit, and is not given back by itself.`,
    who: 'ops',
    next: 'Refund at the provider what came in; the support ticket names invoice, payment and page.',
  };
}
