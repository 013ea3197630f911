import type { TrackedOrder } from './tracking.view.js';

const times: ReadonlyMap<string, Date> = new Map([
  ['hand_to_pharmacy', new Date('2026-11-20T15:30:00.000Z')],
  ['ship', new Date('2026-11-20T22:10:00.000Z')],
  ['scan', new Date('2026-11-22T09:14:00.000Z')],
]);

/** What the documentation shows a page of. */
export const exampleOrder: TrackedOrder = {
  state: 'in_transit',
  waitsFor: 'carrier',
  pickedUp: false,
  receivedAt: new Date('2026-11-20T14:10:00.000Z'),
  firstOf: times,
  lastOf: times,
  now: new Date('2026-11-22T12:00:00.000Z'),
  parcels: [
    {
      carrier: 'usps',
      trackingNumber: '9205590164917312751089',
      status: 'in_transit',
      estimatedDelivery: '2026-11-24',
    },
  ],
  brand: 'Sunrise Health',
  supportPhone: '1-800-SUPPORT',
  timeZone: 'America/Chicago',
};
