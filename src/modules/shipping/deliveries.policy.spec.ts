import fc from 'fast-check';
import { awaitedParcels, completesDelivery, type ParcelOutcomes } from './deliveries.policy.js';
import { trackingStatuses } from './tracking.policy.js';

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const parcel = (id: string, status: ParcelOutcomes['status'], day?: number): ParcelOutcomes => ({
  id,
  status,
  events: day === undefined || status === 'voided' ? [] : [{ status, occurredAt: at(day) }],
});

describe('the delivery of a parcel', () => {
  const delivered = parcel('a', 'delivered', 3);

  it.each([
    ['is the only one', undefined, true],
    ['has another one on its way', parcel('b', 'in_transit', 2), false],
    ['has another one nobody has scanned', parcel('b', 'pre_transit'), false],
    ['followed another one', parcel('b', 'delivered', 2), true],
    ['is of the same moment as another one', parcel('b', 'delivered', 3), true],
    ['came before another one', parcel('b', 'delivered', 4), false],
    ['has another one that failed', parcel('b', 'failure', 4), true],
    ['has another one that goes back', parcel('b', 'returned', 4), true],
    ['has another one whose label is void', parcel('b', 'voided'), true],
  ])('when it %s, completes the prescription’s: %#', (_how, other, completes) => {
    const parcels = other === undefined ? [delivered] : [delivered, other];
    expect(completesDelivery({ shipmentId: 'a', occurredAt: at(3) }, parcels)).toBe(completes);
  });

  it('that has completed the prescription’s does so whatever is reported afterwards', () => {
    const event = fc.record({ status: fc.constantFrom(...trackingStatuses), day: fc.integer({ min: 1, max: 9 }) });
    const events = fc.array(event, { maxLength: 6 });
    const told = (list: readonly { status: (typeof trackingStatuses)[number]; day: number }[]) =>
      list.map(({ status, day }) => ({ status, occurredAt: at(day) }));
    fc.assert(
      fc.property(events, events, fc.integer({ min: 1, max: 9 }), (before, after, day) => {
        const completes = (list: typeof before) =>
          completesDelivery({ shipmentId: 'a', occurredAt: at(day) }, [
            delivered,
            { id: 'b', status: 'unknown', events: told(list) },
          ]);
        fc.pre(completes(before));
        expect(completes([...before, ...after])).toBe(true);
      }),
    );
  });
});

describe('parcels that are waited for', () => {
  it('are those on their way once one has arrived', () => {
    const [arrived, moving, lost] = [{ status: 'delivered' }, { status: 'in_transit' }, { status: 'failure' }] as const;
    expect(awaitedParcels([moving, lost])).toEqual([]);
    expect(awaitedParcels([arrived, lost])).toEqual([]);
    expect(awaitedParcels([arrived, moving, lost])).toEqual([moving]);
  });
});
