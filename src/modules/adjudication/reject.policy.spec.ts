import { itWithFixtures, jsonFixture } from '../../../test/conformance/fixtures.js';
import { meaningOf, rejectClasses, verdictOf, type RejectClass } from './reject.policy.js';

const classes: readonly (readonly [RejectClass, readonly string[]])[] = [
  ['fix_data', ['01', '04', '06', '07', '08', '09', '10', '62', '65', 'N1', '25', '56', '71', '21', '54', '77']],
  ['cob', ['41']],
  ['reroute', ['40']],
  ['not_covered', ['70']],
  ['prior_authorization', ['75', '3W', '3Y']],
  ['limit', ['76', 'AG']],
  ['wait', ['79']],
  ['clinical', ['88']],
  ['host_down', ['92', '99']],
  ['human', ['ZZ', '', '__proto__', 'constructor', '511']],
];

const uncontrolled = { schedule: null };

describe('reject codes', () => {
  it.each(classes.flatMap(([expected, codes]) => codes.map((code) => [code, expected] as const)))(
    'puts %p into the class %s',
    (code, expected) => {
      expect(meaningOf(code, uncontrolled).class).toBe(expected);
    },
  );

  it.each([
    ['65', 'patient'],
    ['41', 'patient'],
    ['25', 'doctor'],
    ['54', 'ops'],
    ['75', 'doctor'],
    ['3W', 'payer'],
    ['79', 'platform'],
    ['88', 'ops'],
    ['DI', 'ops'],
    ['order.expired', 'doctor'],
  ])('names who acts on %s: %s', (code, who) => {
    expect(meaningOf(code, uncontrolled).who).toBe(who);
  });

  it('has a sentence and a next step for every code', () => {
    for (const [, codes] of classes) {
      for (const code of codes) {
        expect(meaningOf(code, uncontrolled).sentence).not.toBe('');
        expect(meaningOf(code, uncontrolled).nextStep).not.toBe('');
      }
    }
  });

  it.each(['76', 'AG'])(
    'asks for a corrected order where a retry with less is refused (%s, controlled drug)',
    (code) => {
      const controlled = meaningOf(code, { schedule: 'II' });
      expect(controlled).toMatchObject({ class: 'limit', who: 'doctor', asks: 'limitOfControlled' });
      expect(controlled.nextStep).toMatch(/resubmit/);
      expect(controlled.nextStep).not.toMatch(/retry/);
    },
  );

  it.each(['order.unit-differs', 'order.unit-not-billable'])(
    'asks for a new signed order where a correction would lose the signature (%s, controlled drug)',
    (code) => {
      expect(meaningOf(code, { schedule: 'III' })).toMatchObject({
        class: 'fix_data',
        who: 'ops',
        nextStep: expect.stringContaining('new signed order') as string,
      });
      expect(meaningOf(code, uncontrolled).nextStep).toMatch(/unit of the drug directory/);
    },
  );

  itWithFixtures('knows every code of the public list', () => {
    const { codes } = jsonFixture('code-lists/ncpdp_reject_codes_public.json') as { codes: Record<string, string> };
    const forPeople = Object.keys(codes).filter((code) => meaningOf(code, uncontrolled).class === 'human');
    expect(forPeople).toEqual([]);
  });
});

describe('several reject codes', () => {
  it.each([
    [['79', '75'], '75'],
    [['75', '07'], '07'],
    [['88', '76'], '88'],
    [['92', '79'], '79'],
    [['ZZ', '70'], '70'],
    [['40', '65'], '65'],
  ])('of %p puts %s first', (codes, first) => {
    expect(verdictOf(codes, uncontrolled).first.code).toBe(first);
  });

  it('keeps all of them once, in the order of the classes', () => {
    const { all } = verdictOf(['79', '75', '79', '07'], uncontrolled);
    expect(all.map(({ code }) => code)).toEqual(['07', '75', '79']);
    const ranks = all.map((meaning) => rejectClasses.indexOf(meaning.class));
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
  });

  it.each([
    [['79'], true],
    [['79', '75'], false],
    [['79', 'order.expired'], false],
    [[], false],
  ])('of %p wait without a person: %p', (codes, waits) => {
    expect(verdictOf(codes, uncontrolled).waits).toBe(waits);
  });

  it.each([
    [['40'], true],
    [['40', '65'], false],
    [['70'], false],
  ])('of %p ask for another pharmacy: %p', (codes, reroutes) => {
    expect(verdictOf(codes, uncontrolled).reroutes).toBe(reroutes);
  });

  it.each([
    [['75'], 'authorization'],
    [['79', '76'], 'limit'],
    [['07', '25'], 'prescriber'],
    [['07', '75'], undefined],
    [['3W', '75'], undefined],
    [['70'], undefined],
    [['79', 'order.expired'], 'expired'],
  ])('of %p ask the clinic: %s', (codes, asks) => {
    expect(verdictOf(codes, uncontrolled).asksClinic).toBe(asks);
  });
});
