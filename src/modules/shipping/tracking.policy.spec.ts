import fc from 'fast-check';
import { trackingNewsOf } from './gateways/shippo.answers.js';
import { fixture, itWithFixtures } from '../../../test/conformance/fixtures.js';
import {
  nextPollAt,
  shippoDedupeKey,
  standingOf,
  statusOfShippoWords,
  trackingStatuses,
  type TrackingReport,
} from './tracking.policy.js';

const report: fc.Arbitrary<TrackingReport> = fc
  .record({ status: fc.constantFrom(...trackingStatuses), day: fc.integer({ min: 1, max: 9 }) })
  .map(({ status, day }) => ({
    status,
    occurredAt: new Date(Date.UTC(2026, 0, day)),
    estimatedDelivery: `2026-02-0${day}`,
    dedupeKey: `${status}+${day}`,
  }));

describe('the standing of a parcel', () => {
  it('is a function of the set of reports, not of their order', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(report, { selector: ({ dedupeKey }) => dedupeKey, maxLength: 12 })
          .chain((list) =>
            fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
          ),
        fc.boolean(),
        ([list, shuffled], voided) => expect(standingOf(shuffled, voided)).toEqual(standingOf(list, voided)),
      ),
    );
  });

  it('lets the latest outcome stand, and never goes back from an outcome to progress', () => {
    const at = (day: number) => new Date(Date.UTC(2026, 0, day));
    const standing = standingOf(
      [
        { status: 'failure', occurredAt: at(2), dedupeKey: 'a' },
        { status: 'delivered', occurredAt: at(3), dedupeKey: 'b' },
        { status: 'in_transit', occurredAt: at(4), dedupeKey: 'c' },
      ],
      false,
    );
    expect(standing).toMatchObject({ status: 'delivered', deliveredAt: at(3), handedOverAt: at(2) });
  });

  it('stays voided until a carrier scans the parcel all the same', () => {
    const seen = { occurredAt: new Date(0), dedupeKey: 'a' };
    expect(standingOf([{ ...seen, status: 'pre_transit' }], true).status).toBe('voided');
    expect(standingOf([{ ...seen, status: 'in_transit' }], true).status).toBe('in_transit');
  });
});

describe('the words of Shippo', () => {
  it('know the last mile as a substatus, and nothing that is not documented', () => {
    expect(statusOfShippoWords('TRANSIT', 'out_for_delivery')).toBe('out_for_delivery');
    expect(statusOfShippoWords('TRANSIT', 'package_arrived')).toBe('in_transit');
    expect(statusOfShippoWords('toString', undefined)).toBeUndefined();
  });

  it('make one key of one event, however the time is written', () => {
    const times = ['2026-01-01T10:00:00Z', '2026-01-01T05:00:00-05:00'].map((time) => new Date(time));
    expect(new Set(times.map((time) => shippoDedupeKey('1Z', 'TRANSIT', undefined, time))).size).toBe(1);
  });

  it('name a parcel as it is on file', () => {
    const data = { carrier: 'UPS', tracking_number: '1z999 aa1', tracking_status: { status: 'TRANSIT' } };
    const track = trackingNewsOf(Buffer.from(JSON.stringify({ event: 'track_updated', data })))?.track;
    expect(track).toMatchObject({ carrier: 'ups', trackingNumber: '1Z999AA1' });
  });

  itWithFixtures('are read from the published webhook', () => {
    const raw = fixture('shippo/webhook_track_updated_docs_example.json');
    expect(trackingNewsOf(raw)?.track).toMatchObject({
      carrier: 'usps',
      trackingNumber: '9205590164917312751089',
      report: { status: 'delivered', city: 'Las Vegas', state: 'NV', estimatedDelivery: '2019-08-24' },
    });
  });
});

describe('the next question to the carrier', () => {
  const now = new Date('2026-03-01T00:00:00Z');
  it.each([
    ['in_transit', '2026-02-27', true],
    ['in_transit', '2025-12-01', false],
    ['failure', '2026-02-27', true],
    ['failure', '2026-01-20', false],
    ['delivered', '2026-02-27', false],
    ['voided', '2026-02-27', false],
  ] as const)('about a parcel that is %s since %s is asked: %s', (status, shipped, asked) => {
    const parcel = { shippedAt: new Date(`${shipped}T00:00:00Z`), now, everyMinutes: 240 };
    expect(nextPollAt({ status }, parcel)?.toISOString() ?? null).toBe(asked ? '2026-03-01T04:00:00.000Z' : null);
  });

  it('stays as it is once its time is over: who gives it up does so once, and finds it', () => {
    const parcel = { shippedAt: new Date('2025-12-01T00:00:00Z'), now, everyMinutes: 240 };
    expect(nextPollAt({ status: 'in_transit' }, parcel)).toBeUndefined();
    expect(nextPollAt({ status: 'delivered' }, parcel)).toBeNull();
  });
});
