import fc from 'fast-check';
import {
  outcomeOf,
  prescriptionMachine,
  type FulfilmentAction,
  type PrescriptionState,
} from './prescription.machine.js';
import { decideReport } from './report.policy.js';

interface Standing {
  state: PrescriptionState;
  outcomeAt: Date | null;
}

const actions: FulfilmentAction[] = [
  'acknowledge',
  'start',
  'make_ready',
  'ship',
  'scan',
  'scan_out_for_delivery',
  'deliver',
  'cancel',
  'fail',
  'return',
];

function apply(standing: Standing, report: { action: FulfilmentAction; occurredAt: Date }): Standing {
  const decision = decideReport(standing, report);
  if (decision === 'keep') return standing;
  if (decision === 'confirm') return { ...standing, outcomeAt: report.occurredAt };
  const outcomeAt = outcomeOf[report.action] === undefined ? standing.outcomeAt : report.occurredAt;
  return { state: prescriptionMachine[report.action].to, outcomeAt };
}

const reports = fc.array(
  fc.record({
    action: fc.constantFrom(...actions),
    occurredAt: fc.integer({ min: 0, max: 9 }).map((day) => new Date(day * 86_400_000)),
  }),
  { maxLength: 12 },
);

describe('reports of pharmacy and carrier', () => {
  it('end in the same state in any order and any number of times', () => {
    fc.assert(
      fc.property(
        reports.chain((list) =>
          fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length, maxLength: 2 * list.length }),
          ),
        ),
        ([list, shuffled]) => {
          const start: Standing = { state: 'sent_to_pharmacy', outcomeAt: null };
          expect(shuffled.reduce(apply, start)).toEqual(list.reduce(apply, start));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('never move progress backwards', () => {
    expect(decideReport({ state: 'in_transit', outcomeAt: null }, { action: 'start', occurredAt: new Date() })).toBe(
      'keep',
    );
  });

  it('never undo a cancel of our own, which is dated infinity', () => {
    const cancelled = { state: 'cancelled' as const, outcomeAt: Infinity };
    expect(decideReport(cancelled, { action: 'deliver', occurredAt: new Date() })).toBe('keep');
  });

  it('let a return after delivery stand', () => {
    const completed = { state: 'completed' as const, outcomeAt: new Date(1000) };
    expect(decideReport(completed, { action: 'return', occurredAt: new Date(2000) })).toBe('move');
  });
});
