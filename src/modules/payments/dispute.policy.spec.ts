import fc from 'fast-check';
import { disputeStatuses, holdsMoney, supersedes, type DisputeReport } from './dispute.policy.js';

const report = (status: DisputeReport['status'], seconds: number): DisputeReport => ({
  status,
  reportedAt: new Date(seconds * 1000),
});

describe('reports of a dispute', () => {
  it('count when they are later', () => {
    expect(supersedes(report('under_review', 2), report('needs_response', 1))).toBe(true);
    expect(supersedes(report('needs_response', 1), report('under_review', 2))).toBe(false);
    expect(supersedes(report('under_review', 1), report('needs_response', 1))).toBe(true);
    expect(supersedes(report('won', 1), report('won', 1))).toBe(false);
  });

  it('open nothing again that was closed, and may correct how it was closed', () => {
    expect(supersedes(report('under_review', 9), report('lost', 5))).toBe(false);
    expect(supersedes(report('lost', 5), report('under_review', 9))).toBe(true);
    expect(supersedes(report('won', 9), report('lost', 5))).toBe(true);
  });

  it('end the same in every order and however often they come', () => {
    const reports = fc.array(
      fc.record({
        status: fc.constantFrom(...disputeStatuses),
        reportedAt: fc.integer({ min: 0, max: 5 }).map((seconds) => new Date(seconds * 1000)),
      }),
      { minLength: 1, maxLength: 8 },
    );
    const last = (told: readonly DisputeReport[]) =>
      told.reduce((known, one) => (supersedes(one, known) ? one : known));
    fc.assert(
      fc.property(
        reports.chain((told) =>
          fc.tuple(fc.constant(told), fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2 })),
        ),
        ([told, again]) => {
          expect(last(again)).toEqual(last(told));
        },
      ),
    );
  });

  it('hold the money while it is argued about and when it is lost', () => {
    expect(disputeStatuses.filter(holdsMoney)).toEqual(['needs_response', 'under_review', 'lost']);
  });
});
