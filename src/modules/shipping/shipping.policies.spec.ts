import { fulfilStep, type FulfilFacts } from './fulfil.policy.js';
import { meaningOf } from './lifefile-words.js';
import { lifefileDedupeKey, readPharmacyUpdate, timeOf } from './lifefile.policy.js';
import { trackingPage } from './pages/tracking.page.js';
import { trackingView, type TrackedOrder } from './pages/tracking.view.js';
import { carrierOf, carrierPage, chooseRate, isSameCarrier, parcelFor, type OfferedRate } from './parcel.policy.js';

describe('the parcel', () => {
  it.each([
    ['tablet', 6],
    ['CREAM', 10],
    ['oral solution', 20],
    ['prefilled pen injection', 40],
    [undefined, 16],
  ])('of %s weighs %s ounces', (form, ounces) => {
    expect(parcelFor(form).weightOz).toBe(ounces);
  });
});

describe('the rate', () => {
  const rate = (service: string, amountCents: number, estimatedDays = 3): OfferedRate => ({
    id: service,
    carrier: 'x',
    service,
    amountCents,
    currency: 'USD',
    estimatedDays,
  });
  const rates = [
    rate('usps_priority_express', 3140, 1),
    rate('usps_priority', 865),
    rate('ups_ground', 1185),
    rate('ups_next_day_air', 4990, 1),
  ];

  it('is the cheapest ground or priority service as standard, the cheapest express one when expedited', () => {
    expect(chooseRate(rates, 'standard')?.service).toBe('usps_priority');
    expect(chooseRate(rates, 'expedited')?.service).toBe('usps_priority_express');
    expect(chooseRate(rates, 'a level nobody knows')?.service).toBe('usps_priority');
  });

  it.each([
    ['expedited', 'fedex_express_saver'],
    ['expedited', 'dhl_express_economy_select_nondoc'],
    ['expedited', 'dhl_express_break_bulk_economy_doc'],
    ['expedited', 'usps_priority_mail_express_international'],
    ['standard', 'dhl_ecommerce_bpm_ground'],
    ['standard', 'dhl_ecommerce_marketing_parcel_ground'],
    ['standard', 'rr_donnelley_priority_parcel_nondelcon'],
    ['standard', 'usps_priority_mail_international'],
  ])('as %s is not %s, however cheap', (level, cheap) => {
    const chosen = chooseRate([...rates, rate(cheap, 100)], level)?.service;
    expect(chosen).toBe(level === 'expedited' ? 'usps_priority_express' : 'usps_priority');
  });

  it.each(['ups_next_day_air_saver', 'lso_economy_next_day', 'fedex_standard_overnight'])(
    'as expedited may be %s: it arrives the next day',
    (cheap) => {
      expect(chooseRate([...rates, rate(cheap, 100, 1)], 'expedited')?.service).toBe(cheap);
    },
  );

  it('falls back to the cheapest, or to the fastest, when no service fits', () => {
    const others = [rate('courier_slow', 500, 5), rate('courier_fast', 900, 1)];
    expect(chooseRate(others, 'standard')?.service).toBe('courier_slow');
    expect(chooseRate(others, 'expedited')?.service).toBe('courier_fast');
    expect(chooseRate([], 'standard')).toBeUndefined();
  });
});

describe('the carrier', () => {
  it('is known by whatever words name it', () => {
    expect(carrierOf('UPS')).toBe('ups');
    expect(carrierOf('EASYPOST', 'UPS NEXT DAY SAVER - HOME')).toBe('ups');
    expect(carrierOf('EASYPOST')).toBeUndefined();
  });

  it.each([
    ['usps', 'USPS', true],
    ['dhl_express', 'DHL Express', true],
    ['dhl_express', 'dhl_ecommerce', true],
    ['fedex', 'FED EX', true],
    ['lasership', 'LaserShip', true],
    ['gls_us', 'GLS US', true],
    ['ups', 'usps', false],
    ['lasership', 'ontrac', false],
  ])('%s and %s are one: %s', (ours, said, same) => {
    expect(isSameCarrier(ours, said)).toBe(same);
  });

  it('has a page with the number encoded, or none', () => {
    expect(carrierPage('ups', '1Z 9&x')).toBe('https://www.ups.com/track?tracknum=1Z%209%26x');
    expect(carrierPage('constructor', '1')).toBeUndefined();
  });
});

describe('the next step of fulfilment', () => {
  const facts: FulfilFacts = {
    state: 'paid',
    path: 'full',
    pharmacyKind: 'platform_label',
    hasLabel: false,
    hasPartnerOrder: false,
    replaces: false,
  };
  it.each<[Partial<FulfilFacts>, string]>([
    [{}, 'label'],
    [{ hasLabel: true }, 'nothing'],
    [{ pharmacyKind: 'partner' }, 'hand_over'],
    [{ pharmacyKind: 'partner', hasPartnerOrder: true }, 'nothing'],
    [{ state: 'pharmacy_selected' }, 'nothing'],
    [{ state: 'pharmacy_selected', path: 'direct' }, 'label'],
    [{ state: 'cancelled' }, 'undo'],
    [{ state: 'shipped' }, 'nothing'],
    [{ state: 'shipped', replaces: true }, 'label'],
    [{ state: 'delivered', replaces: true }, 'nothing'],
  ])('of %j is %s', (change, step) => {
    expect(fulfilStep({ ...facts, ...change })).toBe(step);
  });
});

describe('the pharmacy’s update', () => {
  const body = {
    eventType: 'prescription.status.update',
    timestamp: '2026-01-05T00:00:00Z',
    orderReferenceId: ' ref ',
    prescription: { rxNumber: 12, orderId: '7' },
    status: { current: ' ORDER_Shipped ', previous: null, changedAt: '2026-01-04T10:00:00' },
    tracking: { trackingNumber: '1Z', carrier: 'UPS', estimatedDelivery: '2026-01-09T00:00:00Z' },
  };
  const read = readPharmacyUpdate;

  it('is read with trimmed words in any case, numbers as text, and dates as dates', () => {
    expect(read(body)).toMatchObject({
      word: 'order_shipped',
      names: { referenceId: 'ref', rxNumber: '12', orderId: '7' },
      tracking: { numbers: ['1Z'], carrier: 'ups', estimatedDelivery: '2026-01-09' },
    });
    expect(lifefileDedupeKey(read(body))).toBe('7++12+order_shipped+2026-01-04T10:00:00+1Z');
  });

  it('is not read when it is an array or something else', () => {
    expect([read([body]), read({}), read('x'), read(null)]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('means what the table says, and nothing else', () => {
    expect(meaningOf('order_out_for_delivery')?.action).toBe('scan_out_for_delivery');
    expect(meaningOf('constructor')).toBeUndefined();
  });

  it('has its times in the pharmacy’s zone unless they carry an offset', () => {
    expect(timeOf('2026-07-01T10:00:00', 'America/Chicago')?.toISOString()).toBe('2026-07-01T15:00:00.000Z');
    expect(timeOf('2026-07-01T10:00:00Z', 'America/Chicago')?.toISOString()).toBe('2026-07-01T10:00:00.000Z');
    expect(timeOf('yesterday', 'America/Chicago')).toBeUndefined();
  });
});

describe('what the patient sees', () => {
  const order = {
    state: 'out_for_delivery',
    waitsFor: 'carrier',
    receivedAt: new Date('2026-03-01T12:00:00Z'),
    firstOf: new Map([
      ['ship', new Date('2026-03-02T12:00:00Z')],
      ['scan_out_for_delivery', new Date('2026-03-08T12:00:00Z')],
    ]),
    lastOf: new Map([['scan_out_for_delivery', new Date('2026-03-08T12:00:00Z')]]),
    pickedUp: false,
    now: new Date('2026-03-09T03:00:00Z'),
    parcels: [{ carrier: 'ups', trackingNumber: '1Z', status: 'out_for_delivery', estimatedDelivery: '2026-03-08' }],
    brand: 'B',
    supportPhone: '1',
    timeZone: 'America/New_York',
  } as const;

  const wordsOf = (state: TrackedOrder['state'], change: Partial<TrackedOrder> = {}) =>
    trackingView({ ...order, state, ...change });
  const nothingLeft = { parcels: [], firstOf: new Map(), lastOf: new Map() };

  it('is every step up to the furthest as done, with local times across a change of clocks', () => {
    const view = trackingView(order);
    expect(view.headline).toBe('Your order arrives today');
    expect(view.steps.map(({ done }) => done)).toEqual([true, true, true, true, true, false]);
    expect(view.steps.map(({ time }) => time)).toEqual([
      'Sun, Mar 1, 7:00 AM EST',
      undefined,
      'Mon, Mar 2, 7:00 AM EST',
      undefined,
      'Sun, Mar 8, 8:00 AM EDT',
      undefined,
    ]);
    expect(view.parcels[0]).toMatchObject({ estimate: 'Sunday, March 8', carrier: 'UPS' });
  });

  it.each([
    ['awaiting_enrollment', 'patient', /^It waits for you: please confirm your details/],
    ['adjudication_issue', 'patient', /^It waits for you: please check your card/],
    ['adjudication_issue', 'doctor', /answer of your doctor’s office/],
    ['awaiting_payment', 'patient', /^It waits for your payment/],
    ['awaiting_payment', 'ops', /^It waits for us/],
    ['pharmacy_selected', 'payer', /answer of your plan/],
    ['processing', 'pharmacy', /^The pharmacy has it/],
    ['ready_for_pickup', 'pharmacy', /^It is ready/],
    ['validated', 'platform', /^We are working on it/],
  ] as const)('says in %s why it waits, for the %s', (state, waitsFor, words) => {
    const { waiting } = wordsOf(state, { waitsFor });
    expect(waiting).toMatch(words);
    expect(trackingPage({ ...order, state, waitsFor })).toContain(`<p>${waiting}</p>`);
  });

  it.each([
    ['shipped', 'carrier'],
    ['delivered', 'platform'],
    ['completed', 'nobody'],
    ['cancelled', 'ops'],
    ['failed', 'ops'],
  ] as const)('says nothing of waiting once it is %s', (state, waitsFor) => {
    expect(wordsOf(state, { waitsFor }).waiting).toBeUndefined();
  });

  it('is no parcel’s way when it was picked up', () => {
    const firstOf = new Map(['make_ready', 'deliver'].map((action) => [action, new Date('2026-03-02T12:00:00Z')]));
    const { headline, steps } = wordsOf('completed', { ...nothingLeft, firstOf, pickedUp: true });
    expect(headline).toBe('Your order was picked up');
    expect(steps.map(({ label, done }) => [label, done])).toEqual([
      ['Order received', true],
      ['Being prepared', true],
      ['Picked up', true],
    ]);
  });

  it.each([
    ['the day has passed', { now: new Date('2026-03-10T15:00:00Z') }],
    [
      'the carrier scanned it elsewhere since',
      { lastOf: new Map([...order.lastOf, ['scan', new Date('2026-03-08T20:00:00Z')]]) },
    ],
  ])('promises it for today no more when %s', (_why, change) => {
    expect(trackingView({ ...order, ...change }).headline).toBe('Your order is on its way');
  });

  it('names the number of a parcel where we know no page of its carrier', () => {
    const [parcel] = order.parcels;
    const said = (carrier: string | null) => trackingPage({ ...order, parcels: [{ ...parcel, carrier }] });
    for (const carrier of [null, 'lasership']) {
      expect(said(carrier)).toContain('We have no link to this carrier’s page. Parcel number: 1Z</p>');
    }
    expect(said('ups')).not.toContain('Parcel number');
  });

  it('leaves out an estimate that has passed', () => {
    const { parcels } = trackingView({ ...order, now: new Date('2026-03-10T15:00:00Z') });
    expect(parcels[0]?.estimate).toBeUndefined();
  });

  it.each(['failed', 'returned'] as const)(
    'is, once it %s, what the letter says, whatever is undone by then',
    (state) => {
      for (const change of [{}, nothingLeft]) {
        const { headline, notice } = wordsOf(state, change);
        expect(headline).toBe('Your order could not be delivered');
        expect(notice).toMatch(/money goes back the way it came.*call us/);
        expect(notice).not.toMatch(/will be in touch|need not do anything/);
      }
      expect(trackingView({ ...order, state }).parcels[0]?.estimate).toBeUndefined();
    },
  );

  it('says of a cancelled order that nothing more is sent only when no parcel may be under way', () => {
    const [parcel] = order.parcels;
    const nothing = /^Nothing more will be sent/;
    expect(wordsOf('cancelled', nothingLeft).notice).toMatch(nothing);
    expect(wordsOf('cancelled', { parcels: [{ ...parcel, status: 'voided' }] }).notice).toMatch(nothing);
    expect(wordsOf('cancelled', { parcels: [{ ...parcel, status: 'returned' }] }).notice).toMatch(nothing);
    for (const parcels of [order.parcels, []]) {
      expect(wordsOf('cancelled', { parcels }).notice).toMatch(/may still reach you/);
    }
  });
});
