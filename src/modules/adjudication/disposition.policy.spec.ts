import { dispositionOf, nextFillDateOf } from './disposition.policy.js';

const amounts = {
  patientPayCents: 1000,
  planPayCents: 2500,
  deductibleCents: 0,
  copayCents: 1000,
  coinsuranceCents: 0,
};

describe('what an answer means', () => {
  it.each([
    ['P', 'paid', false],
    ['C', 'paid', false],
    ['D', 'paid', true],
    ['Q', 'paid', true],
    ['R', 'rejected', false],
    ['F', 'deferred', false],
    ['A', 'unknown', false],
    ['', 'unknown', false],
    ['X', 'unknown', false],
    ['constructor', 'unknown', false],
  ])('takes status %p as %s, repeated: %p', (status, outcome, repeated) => {
    const rejectCodes = status === 'R' ? ['70'] : [];
    expect(dispositionOf({ status, rejectCodes, amounts })).toEqual({ outcome, repeated, conflict: false });
  });

  it('takes any reject code as rejected, and flags it when the status says paid', () => {
    expect(dispositionOf({ status: 'P', rejectCodes: ['70'], amounts })).toEqual({
      outcome: 'rejected',
      repeated: false,
      conflict: true,
    });
    expect(dispositionOf({ status: 'X', rejectCodes: ['70'], amounts }).outcome).toBe('rejected');
  });

  it('does not believe "paid" without amounts', () => {
    expect(dispositionOf({ status: 'P', rejectCodes: [] }).outcome).toBe('unknown');
  });

  it.each([
    [['92'], 'host-down'],
    [['99', '92'], 'host-down'],
    [['92', '75'], 'rejected'],
  ])('takes %p as %s: a host that is down has judged nothing', (rejectCodes, outcome) => {
    expect(dispositionOf({ status: 'R', rejectCodes }).outcome).toBe(outcome);
  });

  it('never counts a "paid" with host codes as paid or as down', () => {
    expect(dispositionOf({ status: 'P', rejectCodes: ['92'], amounts })).toMatchObject({
      outcome: 'rejected',
      conflict: true,
    });
  });
});

describe('the next fill date', () => {
  it.each([
    ['REFILL TOO SOON NEXT FILL DATE 20261215', '2026-12-15'],
    ['next fill: 20280229', '2028-02-29'],
    ['NEXT FILL DATE 2026-12-15', '2026-12-15'],
    ['NEXT FILL 12/15/2026', '2026-12-15'],
    ['NEXT FILL ON OR AFTER 1/5/2027.', '2027-01-05'],
    ['NEXT FILL DATE IS 20261215', '2026-12-15'],
    ['NEXT AVAIL FILL DATE 20261215', '2026-12-15'],
    ['Next available refill date: 2026/12/15', '2026-12-15'],
    ['LAST FILL 20261101 NEXT FILL DATE 20261215', '2026-12-15'],
    ['NEXT FILL DATE 20261301, NEXT FILL DATE 20270113', '2027-01-13'],
    ['NEXT FILL TOO SOON LAST FILL 20261101', undefined],
    ['NEXT FILL DATE UNKNOWN, FILLED 11/01/2026', undefined],
    ['NEXT FILL 15/12/2026', undefined],
    ['NEXT FILL 202612150', undefined],
    ['NEXT FILL DATE 20270229', undefined],
    ['NEXT FILL DATE 20261301', undefined],
    ['LAST FILL 20261101', undefined],
    ['', undefined],
  ])('in %p is %p', (message, date) => {
    expect(nextFillDateOf([message])).toBe(date);
  });

  it('is found in a later message, too', () => {
    expect(nextFillDateOf(['CALL HELP DESK', 'NEXT FILL DATE 20261215'])).toBe('2026-12-15');
  });
});
