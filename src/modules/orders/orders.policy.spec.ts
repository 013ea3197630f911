import fc from 'fast-check';
import { groupContacts, type ContactKeys } from './customers.policy.js';
import { peopleIn } from './customer-names.policy.js';
import { patientOf, type PatientCandidate } from './customer-patient.policy.js';
import { agreementOf } from './drug-agreement.policy.js';
import { findingsOf, mergedOrder } from './order.policy.js';
import { standingOf, type StatusNews } from './order-standing.policy.js';
import {
  orderFor,
  pairsOf,
  type OwnPrescription,
  type PlacedOrder,
  type PlacedPrescription,
} from './placement.policy.js';
import { resumptionOf, stopOf } from './subscription.policy.js';
import { orderWords } from './wire/words.policy.js';

const at = (hour: number) => new Date(Date.UTC(2026, 10, 20, hour));

describe('who is who among customers', () => {
  const contact = (id: string, keys: Partial<ContactKeys>): ContactKeys => ({
    id,
    externalId: null,
    emailIndex: null,
    phoneIndex: null,
    ...keys,
  });

  it('goes by email, then by id, then by phone', () => {
    const { identityOf, doubts } = groupContacts([
      contact('1', { emailIndex: 'e', externalId: 'c', phoneIndex: 'p' }),
      contact('2', { emailIndex: 'e' }),
      contact('3', { externalId: 'c' }),
      contact('4', { phoneIndex: 'p' }),
      contact('5', {}),
    ]);
    expect([...identityOf]).toEqual([
      ['1', 'email:e'],
      ['2', 'email:e'],
      ['3', 'email:e'],
      ['4', 'email:e'],
      ['5', 'contact:5'],
    ]);
    expect(doubts).toEqual([]);
  });

  it('merges nothing by guess: one id with two emails is two customers and a doubt, and so is who has only that id', () => {
    const { identityOf, doubts } = groupContacts([
      contact('1', { emailIndex: 'e', externalId: 'c' }),
      contact('2', { emailIndex: 'f', externalId: 'c' }),
      contact('3', { externalId: 'c' }),
    ]);
    expect(new Set(identityOf.values())).toEqual(new Set(['email:e', 'email:f', 'id:c']));
    expect(doubts).toEqual([
      { identity: 'email:e', other: 'email:f', reason: 'same_id_other_email' },
      { identity: 'email:e', other: 'id:c', reason: 'id_of_several' },
      { identity: 'email:f', other: 'id:c', reason: 'id_of_several' },
    ]);
  });

  it('takes a household on one phone for two customers, and asks', () => {
    const { identityOf, doubts } = groupContacts([
      contact('1', { emailIndex: 'e', phoneIndex: 'p' }),
      contact('2', { emailIndex: 'f', phoneIndex: 'p' }),
    ]);
    expect(new Set(identityOf.values()).size).toBe(2);
    expect(doubts).toEqual([{ identity: 'email:e', other: 'email:f', reason: 'same_phone_other_customer' }]);
  });

  it('is the same whatever order the contacts came in', () => {
    const key = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null });
    const some = fc
      .array(fc.record({ externalId: key, emailIndex: key, phoneIndex: key }), { maxLength: 8 })
      .map((list) => list.map((keys, index) => ({ id: String(index), ...keys })));
    const both = some.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    const told = (list: readonly ContactKeys[]) => {
      const { identityOf, doubts } = groupContacts(list);
      return { identities: [...identityOf].toSorted(), doubts };
    };
    fc.assert(fc.property(both, ([list, shuffled]) => expect(told(shuffled)).toEqual(told(list))));
  });
});

describe('which patient a customer is', () => {
  const candidate = (id: string, change: Partial<PatientCandidate>): PatientCandidate => ({
    id,
    firstName: 'Ada',
    lastName: 'Marsh',
    sharesExternalId: false,
    sharesEmail: false,
    sharesPhone: false,
    ...change,
  });
  const ada = { firstName: 'Ada', lastName: 'Marsh' };

  it('is told by the id, else by the email and names that agree', () => {
    expect(patientOf(ada, [candidate('1', { sharesEmail: true }), candidate('2', { sharesExternalId: true })])).toBe(
      '2',
    );
    expect(
      patientOf(ada, [candidate('1', { sharesEmail: true }), candidate('2', { sharesEmail: true, firstName: 'Eve' })]),
    ).toBe('1');
  });

  it('is not somebody of another name who has the same id', () => {
    const eve = candidate('1', { sharesExternalId: true, firstName: 'Eve', lastName: 'Lake' });
    expect(patientOf(ada, [eve])).toBeUndefined();
    expect(patientOf(ada, [eve, candidate('2', { sharesEmail: true })])).toBe('2');
    expect(patientOf({ firstName: null, lastName: null }, [eve])).toBe('1');
  });

  it('is not guessed', () => {
    expect(patientOf(ada, [candidate('1', { sharesEmail: true, lastName: 'Lake' })])).toBeUndefined();
    expect(
      patientOf(ada, [candidate('1', { sharesEmail: true }), candidate('2', { sharesEmail: true })]),
    ).toBeUndefined();
    expect(patientOf({ firstName: null, lastName: null }, [candidate('1', { sharesPhone: true })])).toBeUndefined();
  });
});

describe('whom the contacts of one customer name', () => {
  const said = (id: string, firstName?: string, lastName?: string, externalId: string | null = null) => ({
    id,
    externalId,
    said: { ...(firstName !== undefined && { firstName }), ...(lastName !== undefined && { lastName }) },
  });
  const marsh = (firstName: string) => ({ firstName, lastName: 'Marsh' });

  it('is one person while no two of them disagree, and then every contact means that person', () => {
    const { several, namesOf } = peopleIn([said('1', 'Ada', 'Marsh'), said('2'), said('3', 'Ada Lou'), said('4', 'A')]);
    expect(several).toBe(false);
    expect(new Set([...namesOf.values()].map((names) => JSON.stringify(names)))).toHaveProperty('size', 1);
  });

  it('is told by the name each tells, else by others with its id, and not guessed', () => {
    const { several, namesOf } = peopleIn([
      said('1', 'Ada', 'Marsh', 'c1'),
      said('2', 'Bob', 'Marsh', 'c2'),
      said('3', undefined, undefined, 'c1'),
      said('4', 'Bob'),
      said('5'),
      said('6', undefined, 'Marsh'),
    ]);
    expect(several).toBe(true);
    expect([...namesOf.values()]).toEqual([
      marsh('Ada'),
      marsh('Bob'),
      marsh('Ada'),
      marsh('Bob'),
      undefined,
      undefined,
    ]);
  });

  it('is not told by an id two of them have, nor by an initial both have', () => {
    const { namesOf } = peopleIn([
      said('1', 'John', 'Marsh', 'c1'),
      said('2', 'Jane', 'Marsh', 'c1'),
      said('3', undefined, undefined, 'c1'),
      said('4', 'J', 'Marsh'),
    ]);
    expect([...namesOf.values()]).toEqual([marsh('John'), marsh('Jane'), undefined, undefined]);
  });

  it('is nobody when there are more than in a household', () => {
    const crowd = Array.from({ length: 5_000 }, (_, index) => said(String(index), `N${index}`, `Marsh${index}`));
    const { several, namesOf } = peopleIn(crowd);
    expect([several, new Set(namesOf.values())]).toEqual([true, new Set([undefined])]);
  });
});

describe('where an order stands', () => {
  const news = (word: StatusNews['word'], hour: number, prescriptionId: string | null = null): StatusNews => ({
    word,
    at: at(hour),
    prescriptionId,
  });

  it('goes forward only, and ends with the latest ending', () => {
    expect(standingOf([news('shipped', 2), news('approved', 3)])?.word).toBe('shipped');
    expect(standingOf([news('delivered', 5), news('cancelled', 4)])?.word).toBe('delivered');
    expect(standingOf([news('delivered', 5), news('refunded', 6)])?.word).toBe('refunded');
    expect(standingOf([])).toBeUndefined();
  });

  it('follows our prescriptions as far as the slowest that was not cancelled', () => {
    expect(standingOf([news('approved', 1), news('shipped', 2, 'a'), news('pharmacy', 3, 'b')])?.word).toBe('pharmacy');
    expect(standingOf([news('approved', 1), news('shipped', 2, 'a'), news('cancelled', 3, 'b')])?.word).toBe('shipped');
    expect(standingOf([news('approved', 1), news('cancelled', 2, 'a'), news('cancelled', 3, 'b')])?.word).toBe(
      'cancelled',
    );
  });

  it('is the same whatever order the reports came in', () => {
    const one = fc.record({
      word: fc.constantFrom(...orderWords),
      at: fc.integer({ min: 0, max: 5 }).map(at),
      prescriptionId: fc.constantFrom(null, 'a', 'b'),
    });
    const both = fc
      .array(one, { maxLength: 8 })
      .chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })),
      );
    fc.assert(fc.property(both, ([list, again]) => expect(standingOf(again)).toEqual(standingOf(list))));
  });
});

describe('an order of several bodies', () => {
  it('knows what any of them told, and of one field the latest word', () => {
    const simple = { part: { externalId: 'o', totalCents: 1, source: 'app' }, saidAt: at(1), digest: 'b' };
    const full = { part: { externalId: 'o', totalCents: 2, coupon: 'W', number: '1' }, saidAt: at(1), digest: 'a' };
    const update = { part: { externalId: 'o', tracking: { number: '1Z' } }, saidAt: at(3), digest: 'c' };
    const carrier = { part: { externalId: 'o', tracking: { carrier: 'UPS' } }, saidAt: at(2), digest: 'd' };
    const expected = {
      externalId: 'o',
      number: '1',
      totalCents: 2,
      source: 'app',
      coupon: 'W',
      tracking: { number: '1Z', carrier: 'UPS' },
    };
    expect(mergedOrder([simple, full, update, carrier])).toEqual(expected);
    expect(mergedOrder([carrier, update, full, simple])).toEqual(expected);
  });

  const paidByCredit = {
    baseCents: 1_000,
    discountCents: 100,
    creditCents: 200,
    lineItems: [{ quantity: 2, listPriceCents: 500, priceCents: 450, isSubscription: false }],
  };

  it.each([
    ['still in the total', 900],
    ['taken off the total', 700],
  ])('has no finding when it adds up with the credit %s', (_where, totalCents) => {
    expect(findingsOf({ ...paidByCredit, totalCents })).toEqual([]);
    expect(findingsOf({ totalCents })).toEqual([]);
  });

  it('has one when its total is neither of both', () => {
    expect(findingsOf({ ...paidByCredit, totalCents: 1_100 })).toEqual([
      { code: 'order.total-differs', expectedCents: 900, givenCents: 1_100 },
      { code: 'order.lines-differ-from-total', expectedCents: 900, givenCents: 1_100 },
    ]);
  });
});

describe('a written prescription', () => {
  const written = (change: Partial<PlacedPrescription> = {}): PlacedPrescription => ({
    id: 'w',
    externalId: 'rx',
    customerId: 'c',
    patientId: 'p',
    orderReference: null,
    drugName: 'semaglutide',
    writtenAt: at(10),
    endedAt: null,
    ...change,
  });
  const placed = (id: string, hour: number, ended: number | null = null): PlacedOrder => ({
    id,
    externalId: `x${id}`,
    number: `n${id}`,
    customerId: 'c',
    patientId: 'p',
    placedAt: at(hour),
    endedAt: ended === null ? null : at(ended),
  });
  const own = (id: string, drugDescription: string, change: Partial<OwnPrescription> = {}): OwnPrescription => ({
    id,
    drugDescription,
    prescriberOrderNumber: null,
    receivedAt: at(11),
    ...change,
  });

  it('belongs to the order it names, else to the newest that was open', () => {
    const orders = [placed('1', 1), placed('2', 5), placed('3', 8, 9), placed('4', 12)];
    expect(orderFor(written({ orderReference: 'n3' }), orders)).toBe('3');
    expect(orderFor(written({ orderReference: 'n9' }), orders)).toBeNull();
    expect(orderFor(written(), orders)).toBe('2');
    expect(orderFor(written({ writtenAt: at(0) }), orders)).toBe('1');
    expect(orderFor(written({ customerId: 'd' }), orders)).toBeNull();
    expect(orderFor(written({ patientId: 'q' }), orders)).toBeNull();
  });

  it('is ours by number, by drug, or when only one of each is left', () => {
    const theirs = [written(), written({ id: 'v', externalId: 'ry', drugName: 'tirzepatide' })];
    expect([...pairsOf(theirs, [own('1', 'Tirzepatide 5 mg'), own('2', 'OZEMPIC 1 mg')])].toSorted()).toEqual([
      ['v', '1'],
      ['w', '2'],
    ]);
    expect([...pairsOf(theirs, [own('1', 'Other', { prescriberOrderNumber: 'ry' })])]).toEqual([['v', '1']]);
    expect([...pairsOf(theirs, [own('1', 'Nobodysbrand')])]).toEqual([]);
    expect([...pairsOf([written()], [own('1', 'Semaglutide', { receivedAt: new Date('2026-01-01') })])]).toEqual([]);
  });

  it('is not another drug because it is the only one left', () => {
    expect([...pairsOf([written()], [own('1', 'Tirzepatide 5 mg')])]).toEqual([]);
    expect([...pairsOf([written()], [own('1', 'WEGOVY 1 mg')])]).toEqual([['w', '1']]);
    expect([...pairsOf([written({ drugName: null })], [own('1', 'Tirzepatide 5 mg')])]).toEqual([['w', '1']]);
  });

  it.each([
    ['Semaglutide 2.5 mg/mL', 'SEMAGLUTIDE injection', 'same'],
    ['Compounded semaglutide / cyanocobalamin', 'semaglutide 5 mg vial', 'same'],
    ['Compounded semaglutide', 'Compounded tirzepatide', 'different'],
    ['Ozempic 1 mg pen', 'semaglutide', 'same'],
    ['Ozempic 1 mg pen', 'Mounjaro 5 mg', 'different'],
    ['insulin lispro 100 units/mL', 'insulin glargine 100 units/mL', 'different'],
    ['insulin', 'insulin glargine', 'same'],
    ['Lantus', 'insulin glargine', 'same'],
    ['Lantus', 'Humalog KwikPen', 'different'],
    ['insulin', 'metformin', 'different'],
    ['vitamin B12 injection', 'vitamin D3 injection', 'unclear'],
    ['Vitamin B12', 'B12 1000 mcg', 'same'],
    ['Sermorelin injection', 'NAD injection', 'unclear'],
    ['Compounded injection', 'Compounded injection', 'unclear'],
    [null, 'semaglutide', 'unclear'],
  ])('of %s and of %s: %s', (one, other, agreement) => {
    expect([agreementOf(one, other), agreementOf(other, one)]).toEqual([agreement, agreement]);
  });

  it('of several of one drug is ours that is nearest in time, whichever was heard of first', () => {
    const [former, latest] = [written({ id: 'a', writtenAt: at(-140) }), written({ id: 'b', writtenAt: at(8) })];
    for (const theirs of [
      [former, latest],
      [latest, former],
    ]) {
      expect([...pairsOf(theirs, [own('1', 'Semaglutide')])]).toEqual([['b', '1']]);
    }
    const refills = [own('2', 'Semaglutide'), own('1', 'Semaglutide', { receivedAt: at(-130) })];
    expect(new Map(pairsOf([former, latest], refills))).toEqual(
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    );
  });

  it('is not ours when its order was over before ours came, unless ours names it', () => {
    const former = written({ endedAt: at(11) });
    expect([...pairsOf([former], [own('1', 'Semaglutide')])]).toEqual([]);
    expect([...pairsOf([former], [own('1', 'Semaglutide', { receivedAt: at(10) })])]).toEqual([['w', '1']]);
    expect([...pairsOf([former], [own('1', 'Semaglutide', { prescriberOrderNumber: 'rx' })])]).toEqual([['w', '1']]);
    const latest = written({ id: 'v', externalId: 'ry', writtenAt: at(23) });
    expect([...pairsOf([former, latest], [own('1', 'Semaglutide')])]).toEqual([['v', '1']]);
  });
});

describe('a stopped subscription', () => {
  const stop = (word: 'cancelled' | 'paused', hour: number, facts = {}) => ({
    word,
    at: at(hour),
    digest: `${word}${hour}`,
    contactId: null,
    facts,
  });

  it('stands as it was stopped last, with what any of the stops told', () => {
    const stops = [stop('cancelled', 2, { reason: 'price' }), stop('paused', 1, { coupon: 'W', reason: 'holiday' })];
    expect(stopOf(stops)).toMatchObject({ word: 'cancelled', at: at(2), facts: { coupon: 'W', reason: 'price' } });
    expect(stopOf(stops.toReversed())).toEqual(stopOf(stops));
    expect(stopOf([])).toBeUndefined();
  });

  it('is resumed by whatever came first after it, and by nothing before', () => {
    expect(resumptionOf(at(5), { ops: at(4), order: null })).toBeUndefined();
    expect(resumptionOf(at(5), { ops: at(7), order: at(6) })).toEqual({ by: 'order', at: at(6) });
  });
});
