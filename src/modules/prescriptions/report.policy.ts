import {
  outcomeOf,
  outcomeOrder,
  prescriptionMachine,
  type FulfilmentAction,
  type Outcome,
  type PrescriptionState,
} from './prescription.machine.js';

/** `completed` is `delivered` with our own paperwork done. */
const outcomeOfState: Readonly<Partial<Record<PrescriptionState, Outcome>>> = {
  delivered: 'delivered',
  completed: 'delivered',
  cancelled: 'cancelled',
  failed: 'failed',
  returned: 'returned',
};

/** `confirm`: the outcome stands already, and now from a later moment on. */
export type ReportDecision = 'move' | 'keep' | 'confirm';

/**
 * Whether a report moves the state or is history only. Progress moves forward and never past an outcome; of outcomes the
 * latest stands. That makes the result a function of the set of reports, not of the order they arrive in. A cancel of
 * our own is dated 'infinity' and stands for ever.
 */
export function decideReport(
  current: { state: PrescriptionState; outcomeAt: Date | number | null },
  report: { action: FulfilmentAction; occurredAt: Date },
): ReportDecision {
  const standing = outcomeOfState[current.state];
  const outcome = outcomeOf[report.action];
  if (standing === undefined) {
    const from: readonly PrescriptionState[] = prescriptionMachine[report.action].from;
    return from.includes(current.state) ? 'move' : 'keep';
  }
  if (outcome === undefined) return 'keep';
  const since = current.outcomeAt === null ? -Infinity : Number(current.outcomeAt);
  const at = report.occurredAt.getTime();
  if (outcome === standing) return at > since ? 'confirm' : 'keep';
  if (at !== since) return at > since ? 'move' : 'keep';
  return outcomeOrder.indexOf(outcome) > outcomeOrder.indexOf(standing) ? 'move' : 'keep';
}

/**
 * Whether a report that changes no state says something new of an end all the same: until then only carriers said so, and their
 * word may be wrong, so the undoing waits. A cancel waits for nobody.
 */
export function endsDoubt(
  state: PrescriptionState,
  { action, actor }: { action: FulfilmentAction; actor: { kind: string } },
): boolean {
  return doubtedStates.has(state) && prescriptionMachine[action].to === state && actor.kind !== 'carrier';
}

const doubtedStates: ReadonlySet<PrescriptionState> = new Set(['failed', 'returned']);
