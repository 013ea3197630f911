import fc from 'fast-check';
import {
  countReasons,
  isCardInDoubt,
  namedChoice,
  rankPharmacies,
  refusedBy,
  scoreParts,
  weights,
  type PharmacyCandidate,
  type RoutingRequest,
} from './routing.policy.js';

const candidate = (change: Partial<PharmacyCandidate> = {}): PharmacyCandidate => ({
  pharmacyId: 'a',
  licensedStates: ['TX'],
  schedules: ['IV'],
  forms: ['tablet'],
  specialty: false,
  networks: { '610011': 1 },
  openForOrders: true,
  dailyCapacity: 100,
  ordersToday: 0,
  turnaroundHours: 0,
  priceCents: 3200,
  distanceMiles: 0,
  ...change,
});

const request = (change: Partial<RoutingRequest> = {}): RoutingRequest => ({
  patientState: 'TX',
  schedule: undefined,
  form: 'tablet',
  specialty: false,
  bin: '610011',
  refusedByPayer: new Set(),
  doctorsPharmacyId: undefined,
  patientsPharmacyId: undefined,
  ...change,
});

describe('who may fill', () => {
  it.each([
    ['license', { licensedStates: ['OK'] }, {}],
    ['license', {}, { patientState: undefined }],
    ['schedule', { schedules: ['IV'] }, { schedule: 'II' }],
    ['form', { forms: ['cream'] }, {}],
    ['specialty', { specialty: false }, { specialty: true }],
    ['network', { networks: { '610012': 1 } }, {}],
    ['payer-refused', {}, { refusedByPayer: new Set(['a']) }],
    ['closed', { openForOrders: false }, {}],
    ['capacity', { ordersToday: 100 }, {}],
    ['capacity', { dailyCapacity: 0 }, {}],
  ] as const)('excludes for %s: %p, %p', (code, pharmacy, asked) => {
    const { ranked, excluded } = rankPharmacies([candidate(pharmacy)], request(asked));
    expect(ranked).toEqual([]);
    expect(excluded.flatMap(({ reasons }) => reasons.map((reason) => reason.code))).toEqual([code]);
  });

  it.each([
    ['the last order of the day', { ordersToday: 99 }, {}],
    ['any pharmacy without a plan', { networks: {} }, { bin: undefined }],
    ['any form when the drug is not in the directory', { forms: [] }, { form: undefined }],
    ['a listed schedule', { schedules: ['II'] }, { schedule: 'II' }],
    ['a form in other letters', { forms: ['Tablet'] }, {}],
  ] as const)('allows %s', (_, pharmacy, asked) => {
    expect(rankPharmacies([candidate(pharmacy)], request(asked)).ranked).toHaveLength(1);
  });

  it('names every reason of an excluded pharmacy, each with a sentence', () => {
    const closed = candidate({ licensedStates: [], forms: [], networks: {}, openForOrders: false, ordersToday: 100 });
    const { excluded } = rankPharmacies([closed], request({ schedule: 'II', specialty: true }));
    const reasons = excluded[0]?.reasons ?? [];
    expect(reasons.map(({ code }) => code)).toEqual([
      'license',
      'schedule',
      'form',
      'specialty',
      'network',
      'closed',
      'capacity',
    ]);
    for (const { sentence } of reasons) expect(sentence).toMatch(/^It .+\.$/);
    expect(countReasons(excluded)).toMatchObject({ license: 1, capacity: 1 });
  });
});

describe('the score', () => {
  it('is 100 for the best on every part, and the weights add up to it', () => {
    const { ranked } = rankPharmacies([candidate()], request({ doctorsPharmacyId: 'a' }));
    expect(ranked[0]?.score).toBe(100);
    expect(ranked[0]?.parts).toEqual(weights);
    expect(scoreParts.reduce((sum, part) => sum + weights[part], 0)).toBe(100);
  });

  it.each([
    ['distance', { distanceMiles: 250 }, 10],
    ['distance', { distanceMiles: undefined }, 10],
    ['networkTier', { networks: { '610011': 2 } }, 15],
    ['networkTier', { networks: { '610011': 3 } }, 7.5],
    ['turnaround', { turnaroundHours: 36 }, 10],
    ['turnaround', { turnaroundHours: 96 }, 0],
    ['load', { ordersToday: 50 }, 5],
    ['price', { priceCents: 6400 }, 7.5],
    ['price', { priceCents: undefined }, 7.5],
    ['preference', {}, 0],
  ] as const)('gives for %s of %p %f points', (part, change, points) => {
    const { ranked } = rankPharmacies([candidate(change), candidate({ pharmacyId: 'best' })], request());
    expect(ranked.find(({ pharmacyId }) => pharmacyId === 'a')?.parts[part]).toBe(points);
  });

  it('breaks ties by distance, then by id', () => {
    const same = [candidate({ pharmacyId: 'c' }), candidate({ pharmacyId: 'b' }), candidate({ pharmacyId: 'a' })];
    expect(rankPharmacies(same, request()).ranked.map(({ pharmacyId }) => pharmacyId)).toEqual(['a', 'b', 'c']);
  });

  it('does not depend on the order of the candidates, and the parts add up to the score', () => {
    const some = fc.uniqueArray(
      fc.record({
        pharmacyId: fc.uuid(),
        ordersToday: fc.nat({ max: 120 }),
        turnaroundHours: fc.nat({ max: 100 }),
        distanceMiles: fc.option(fc.nat({ max: 3000 }), { nil: undefined }),
        priceCents: fc.option(fc.nat({ max: 100_000 }), { nil: undefined }),
      }),
      { selector: ({ pharmacyId }) => pharmacyId, maxLength: 12 },
    );
    fc.assert(
      fc.property(some, (changes) => {
        const candidates = changes.map((change) => candidate(change));
        const ranking = rankPharmacies(candidates, request());
        expect(rankPharmacies(candidates.toReversed(), request())).toEqual(ranking);
        expect(ranking.ranked.length + ranking.excluded.length).toBe(candidates.length);
        for (const { score, parts } of ranking.ranked) {
          const sum = scoreParts.reduce((total, part) => total + Math.round(parts[part] * 100), 0);
          expect(Math.round(score * 100)).toBe(sum);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});

describe('the card', () => {
  const unknown = request({ bin: '610099' });
  it.each([
    ['no pharmacy in the network', [candidate(), candidate({ pharmacyId: 'b' })], true],
    ['one that lacks nothing but the network', [candidate(), candidate({ pharmacyId: 'b', forms: [] })], true],
    ['something else in the way everywhere', [candidate({ forms: [] })], false],
    ['one that may fill', [candidate(), candidate({ pharmacyId: 'b', networks: { '610099': 1 } })], false],
    ['no pharmacy at all', [], false],
  ] as const)('with %s it is in doubt, or not: %#', (_, candidates, expected) => {
    expect(isCardInDoubt(rankPharmacies(candidates, unknown))).toBe(expected);
  });
});

describe('a named pharmacy', () => {
  const both = [candidate({ pharmacyId: 'a' }), candidate({ pharmacyId: 'b' })];

  it.each([
    [
      { doctorsPharmacyId: 'b', patientsPharmacyId: 'a' },
      { by: 'doctor', pharmacyId: 'b' },
    ],
    [
      { doctorsPharmacyId: 'gone', patientsPharmacyId: 'a' },
      { by: 'patient', pharmacyId: 'a' },
    ],
    [{}, undefined],
  ] as const)('of %p is %p', (named, choice) => {
    const asked = request(named);
    expect(namedChoice(rankPharmacies(both, asked), asked)).toEqual(choice);
  });
});

describe('what a payer refused', () => {
  const payerRefused = { code: 'payer-refused', sentence: '' } as const;
  const kept = (hour: number, pharmacyId: string, refusedByBin?: string) => ({
    requestedAt: new Date(Date.UTC(2026, 0, 1, hour)),
    excluded: [{ pharmacyId, reasons: [payerRefused], ...(refusedByBin !== undefined && { refusedByBin }) }],
  });
  const earlier = [kept(8, 'former fill', '610011'), kept(9, 'a', '610011'), kept(10, 'b', '610012'), kept(11, 'old')];
  const fillSince = new Date(Date.UTC(2026, 0, 1, 9));

  it.each([
    ['610011', ['now', 'a', 'old']],
    ['610012', ['now', 'b', 'old']],
    [undefined, []],
  ])('under the plan %p is what that plan refused of this fill: %p', (bin, refused) => {
    expect([...refusedBy(bin, ['now'], earlier, fillSince)]).toEqual(refused);
  });

  it('is kept with the plan that said so, beside other reasons', () => {
    const closed = candidate({ openForOrders: false });
    const { excluded } = rankPharmacies([closed], request({ refusedByPayer: new Set(['a']) }));
    const requestedAt = fillSince;
    expect(excluded).toMatchObject([{ refusedByBin: '610011', reasons: [{ code: 'payer-refused' }, {}] }]);
    expect([...refusedBy('610012', [], [{ requestedAt, excluded }], fillSince)]).toEqual([]);
    expect(rankPharmacies([closed], request()).excluded[0]).not.toHaveProperty('refusedByBin');
  });
});
