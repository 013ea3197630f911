import fc from 'fast-check';
import { states } from '../../prescriptions/index.js';
import { believed } from './believed.policy.js';
import { readNews } from './bodies.js';
import { resolveEvent } from './event-name.policy.js';
import { instant } from './fields.js';
import { hundredthsOf } from './money.policy.js';
import { actionOfWord, orderWordOf, orderWords, wordOfState } from './words.policy.js';

describe('a time', () => {
  it.each([
    ['2026-11-20 10:00:00-05', '2026-11-20T15:00:00.000Z'],
    ['2026-11-20 10:00:00.25+02', '2026-11-20T08:00:00.250Z'],
    ['2026-11-20T10:00:00-05', '2026-11-20T15:00:00.000Z'],
    ['Nov 20, 2026 10:00:00 GMT-5', '2026-11-20T15:00:00.000Z'],
    ['2026-11-20T10:00:00-05:30', '2026-11-20T15:30:00.000Z'],
    ['10:00 11-20-2026', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
  ])('written as %s is read by its offset, and in UTC without one', (written, read) => {
    expect(instant.parse(written)).toBe(read);
  });
});

describe('the event of a body', () => {
  const of = (body: Record<string, string | number>, path?: string, header?: string) =>
    resolveEvent({ path, header, body });

  it.each(['order.status_updated', 'order-status-updated', 'ORDER.STATUS.UPDATED', 'orderStatusUpdated'])(
    'is read from %s',
    (word) => {
      expect(of({}, word)).toEqual({ kind: 'known', name: 'order.status_updated' });
    },
  );

  it('is one when all who name it agree, however they spell it', () => {
    expect(of({ event: 'order-created', type: 'order.created' }, 'order.created', 'Order.Created')).toEqual({
      kind: 'known',
      name: 'order.created',
    });
    expect(of({ event: 'subscription.canceled' })).toEqual({ kind: 'known', name: 'subscription.cancelled' });
  });

  it('is none when two of them differ, known or not', () => {
    expect(of({}, 'order.created', 'prescription.created')).toEqual({ kind: 'disagreement' });
    expect(of({ event: 'customer.updated' }, 'order.created')).toEqual({ kind: 'disagreement' });
  });

  it('is not the kind of a product', () => {
    expect(of({ type: 'physical', totalAmount: 1 })).toEqual({ kind: 'known', name: 'order.created' });
  });

  it.each<[string, Record<string, string | number>]>([
    ['appointment-cancelled', { status: 'cancelled' }],
    ['orderRefunded', { totalAmount: 10 }],
    ['refund', { totalAmount: 10 }],
  ])('is unknown, and not guessed by shape, when it is called %s', (event, body) => {
    expect(of({ event, ...body })).toEqual({ kind: 'unknown', word: event });
  });

  it('is not shown when it is a sentence, which may speak of a patient', () => {
    expect(of({ event: 'Alex Example cancelled', status: 'cancelled' })).toEqual({ kind: 'unknown', word: undefined });
  });

  it('follows from the shape when nobody names it', () => {
    expect(of({ status: 'Cancelled', totalAmount: 1 })).toEqual({ kind: 'known', name: 'subscription.cancelled' });
    expect(of({ status: 'paused' })).toEqual({ kind: 'known', name: 'subscription.paused' });
    expect(of({ event: ' ', status: 'paused' })).toEqual({ kind: 'known', name: 'subscription.paused' });
    expect(of({ status: 'approved' })).toEqual({ kind: 'unknown', word: undefined });
  });
});

describe('amounts', () => {
  it.each([
    [199.99, 19_999],
    ['1.005', 101],
    [0.1 + 0.2, 30],
    [59.97 - 19.99 - 19.99 - 19.99, 0],
    [-7.1e-15, 0],
    [199.98999999999998, 19_999],
    [0.285 - 0.28, 1],
    [12.344, 1_234],
    ['$5', 500],
    [-3.5, -350],
    ['0.004', 0],
    ['21474836.47', 2_147_483_647],
  ])('%s are %s hundredths', (amount, hundredths) => {
    expect(hundredthsOf(amount)).toBe(hundredths);
  });

  it.each(['', 'much', '1,000.00', '1e3', '7e-15', 1e21, NaN, Infinity, '21474836.48', '1.2.3'])(
    '%s is none',
    (amount) => {
      expect(hundredthsOf(amount)).toBeUndefined();
    },
  );

  it('are never off by a cent', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), (cents) => {
        expect(hundredthsOf(cents / 100)).toBe(cents);
      }),
    );
  });
});

describe('order statuses', () => {
  it('are read in any case, and unknown ones are not guessed', () => {
    expect(orderWordOf(' Shipped ')).toBe('shipped');
    expect(orderWordOf('canceled')).toBe('cancelled');
    expect(orderWordOf('Medical Review')).toBe('processing');
    expect(orderWordOf('constructor')).toBeUndefined();
  });

  it('have a word for every state of a prescription, in the order both live through', () => {
    const words = states.slice(0, states.indexOf('cancelled')).map((state) => orderWords.indexOf(wordOfState[state]));
    expect(Math.max(...words)).toBe(orderWords.indexOf('delivered'));
    expect(wordOfState.paid).toBe('approved');
    expect(wordOfState.ready_for_pickup).toBe('pharmacy');
    expect(['cancelled', 'failed', 'returned'].map((state) => wordOfState[state as 'failed'])).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
  });

  it('move a prescription by what happened to the parcel or ended the order, never past a gate', () => {
    expect(orderWords.filter((word) => actionOfWord[word] !== undefined)).toEqual([
      'shipped',
      'delivered',
      'cancelled',
    ]);
  });
});

describe('bodies', () => {
  const full = {
    _id: 'o1',
    id: 1001,
    totalAmount: '199.99',
    createdAt: '2026-11-20T10:30:00Z',
    coupon: { code: 'WELCOME' },
    customer: { _id: 'c1', email: 5, phone: { no: 'text' } },
    lineItems: [{ price: 10, discount: { reductionAmount: 12.5, reductionType: 'Percent' } }],
    statusHistory: [{ status: 'approved', date: '9999-01-01' }],
    somethingNew: { a: 1 },
  };

  it('are soft in contact data, and let in what vendors add', () => {
    expect(readNews('order.created', full)).toMatchObject({
      creates: true,
      contact: { externalId: 'c1', email: '5' },
      part: {
        externalId: 'o1',
        number: '1001',
        totalCents: 19_999,
        coupon: 'WELCOME',
        reductionType: 'percent',
        lineItems: [{ quantity: 1, priceCents: 1_000, reductionHundredths: 1_250, reductionType: 'percent' }],
      },
      // A time nobody can mean is none.
      statuses: [{ word: 'approved' }],
    });
  });

  it.each([
    ['an order without a name', 'order.created', { totalAmount: 1 }],
    ['a subscription of nobody', 'subscription.paused', { status: 'paused' }],
    ['items that are no list', 'order.created', { ...full, lineItems: { price: 1 } }],
    ['a reduction of another kind', 'order.created', { ...full, reductionType: 'luck' }],
    ['a text without end', 'order.created', { ...full, source: 'x'.repeat(201) }],
    ['a total in words', 'order.created', { ...full, totalAmount: 'ten' }],
  ] as const)('are strict in structure: %s', (_what, name, body) => {
    expect(readNews(name, body as never)).toBeUndefined();
  });

  it('may carry the thing under data or under its own name', () => {
    const inner = { _id: 's1', customer: { email: 'a@b.c' } };
    for (const body of [{ data: inner }, { subscription: inner }, inner]) {
      expect(readNews('subscription.paused', body)).toMatchObject({ word: 'paused', externalId: 's1' });
    }
    expect(readNews('prescription.created', { _id: 'rx', order: { _id: 'o1' } })).toMatchObject({
      externalId: 'rx',
      order: { externalId: 'o1' },
    });
  });

  it.each(['reason', 'cancelReason', 'cancellationReason', 'pauseReason'])(
    'are taken with all the customer says as %s, cut between two characters',
    (field) => {
      const words = '💊'.repeat(301);
      expect(readNews('subscription.cancelled', { _id: 's1', [field]: words })).toMatchObject({
        reason: '💊'.repeat(300),
      });
    },
  );

  it('hold no half of a character, which whoever cut them may have left', () => {
    const cut = 'too dear \ud83d';
    const whole = 'too dear \ufffd';
    expect(readNews('subscription.paused', { _id: cut, reason: cut, product: cut })).toMatchObject({
      externalId: whole,
      reason: whole,
      product: whole,
    });
    expect(readNews('prescription.created', { _id: 'rx', order: cut })).toMatchObject({ order: { externalId: whole } });
    expect(updated({ status: cut })).toMatchObject({ statuses: [{ word: whole }] });
  });

  const updated = (said: object) => readNews('order.status_updated', { _id: 'o1', ...said });
  const saidAt = '2026-11-20T10:00:00.000Z';

  it.each([
    ['changedAt', 'status'],
    ['occurredAt', 'newStatus'],
    ['statusDate', 'status'],
  ])('date each status of a history by %s, and name it by %s', (time, word) => {
    const entry = (status: string, at: string) => ({ [word]: status, [time]: at });
    expect(
      updated({ statusHistory: [entry('approved', '2026-11-19T10:00:00Z'), entry('shipped', saidAt)] }),
    ).toMatchObject({
      statuses: [
        { word: 'approved', at: '2026-11-19T10:00:00.000Z' },
        { word: 'shipped', at: saidAt },
      ],
      findings: [],
    });
    expect(updated({ [word]: 'shipped', [time]: saidAt })).toMatchObject({
      statuses: [{ word: 'shipped', at: saidAt }],
    });
  });

  it('say by createdAt when the order was placed, which is no time of what happened to it later', () => {
    const body = { _id: 'o1', status: 'shipped', createdAt: '2026-11-01T10:00:00Z', tracking: { number: '1Z1' } };
    const update = readNews('order.status_updated', body);
    expect(update).toMatchObject({
      kind: 'order',
      statuses: [{ word: 'shipped' }],
      part: { tracking: { number: '1Z1' } },
    });
    expect(JSON.stringify(update)).not.toContain('2026-11-01');
    const placedAt = '2026-11-01T10:00:00.000Z';
    const created = { saidAt: placedAt, statuses: [{ word: 'shipped', at: placedAt }], part: { placedAt } };
    expect(readNews('order.created', body)).toMatchObject(created);
    const history = [{ status: 'shipped', createdAt: saidAt }];
    expect(updated({ createdAt: body.createdAt, statusHistory: history })).toMatchObject({
      statuses: [{ word: 'shipped', at: saidAt }],
    });
  });

  it('say by the new status where an order stands, whatever it was', () => {
    expect(updated({ status: 'approved', newStatus: 'shipped', updatedAt: saidAt })).toMatchObject({
      statuses: [{ word: 'shipped', at: saidAt }],
    });
  });

  it.each([
    ['nothing', {}],
    ['its status in a word of its own', { stateNow: 'shipped' }],
    ['whose it is', { customer: { email: 'a@b.c' } }],
  ])('of a status update are read by nobody when they say %s', (_what, said) => {
    expect(updated({ ...said, updatedAt: saidAt })).toBeUndefined();
  });

  it.each<[string, object, string[]]>([
    ['a parcel', { trackingNumber: '1Z1' }, []],
    ['an amount and no status', { totalAmount: 5 }, ['careportals.status-unread']],
    [
      'a history with an entry nobody can read',
      { statusHistory: [{ status: 'shipped', at: saidAt }, { at: saidAt }] },
      ['careportals.status-unread'],
    ],
    ['one status without a time', { statusHistory: [{ status: 'shipped' }] }, []],
    [
      'several, one without a time',
      { statusHistory: [{ status: 'approved' }, { status: 'shipped', at: saidAt }] },
      ['careportals.status-time-missing'],
    ],
  ])('of a status update that say %s are taken, with what was not read as a finding', (_what, said, findings) => {
    expect(updated({ ...said, updatedAt: saidAt })).toMatchObject({ findings });
  });

  it('say nothing of a time that has not come yet', () => {
    const receivedAt = new Date('2026-11-20T12:00:00Z');
    const told = readNews('order.status_updated', {
      _id: 'o1',
      status: 'delivered',
      updatedAt: '2098-01-01T00:00:00Z',
      statusHistory: [
        { status: 'shipped', date: '2026-11-21T08:00:00Z' },
        { status: 'approved', date: '2040-01-01' },
      ],
    });
    if (told === undefined) throw new Error('the body was not read');
    expect(believed(told, receivedAt)).toEqual({
      doubted: true,
      news: {
        kind: 'order',
        creates: false,
        contact: {},
        part: { externalId: 'o1' },
        findings: [],
        statuses: [{ word: 'shipped', at: '2026-11-21T08:00:00.000Z' }, { word: 'approved' }, { word: 'delivered' }],
      },
    });
    const paused = readNews('subscription.paused', { _id: 's1', pausedAt: '2090-01-01', createdAt: '2019-01-01' });
    if (paused === undefined) throw new Error('the body was not read');
    expect(believed(paused, receivedAt)).toEqual({
      doubted: true,
      news: expect.objectContaining({ word: 'paused', startedAt: '2019-01-01T00:00:00.000Z' }) as unknown,
    });
    expect(believed(paused, receivedAt).news).not.toHaveProperty('saidAt');
    const written = readNews('prescription.created', { _id: 'p1', createdAt: '2026-11-20T10:00:00Z' });
    if (written === undefined) throw new Error('the body was not read');
    expect(believed(written, receivedAt)).toEqual({ doubted: false, news: written });
  });
});
