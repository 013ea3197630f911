import { fillSince, versionsSeenBy } from './versions.policy.js';

it.each([
  ['ops', [1, 2]],
  ['doctor', [1, 2]],
  ['integrator', [1, 2]],
  ['auditor', [1, 2]],
  ['patient', [2]],
  ['pharmacy', [2]],
] as const)('%s sees the versions %j of an order that was corrected', (role, seen) => {
  const versions = [{ version: 1 }, { version: 2 }];
  expect(versionsSeenBy(role, versions, 2).map(({ version }) => version)).toEqual(seen);
});

const ada = { firstName: 'Ada', lastName: 'Marsh', birthDate: '1980-02-29' };
const first = { patient: ada, medication: { ndc: '70000010130' } };

it.each([
  ['nothing was corrected', [first], 0],
  ['the days supply was corrected', [first, { ...first, medication: { ...first.medication, daysSupply: 28 } }], 0],
  ['the address was corrected', [first, { ...first, patient: { ...ada, address: { city: 'Austin' } } }], 0],
  ['another drug was named', [first, { ...first, medication: { ndc: '70000010660' } }], 1],
  ['somebody else was named', [first, { ...first, patient: { ...ada, firstName: 'Eve' } }], 1],
  ['the first drug is back again', [first, { ...first, medication: { ndc: '70000010660' } }, first, first], 2],
])('when %s, the fill is that since version index %p', (_what, orders, index) => {
  const days = [1, 2, 3, 4].map((day) => new Date(Date.UTC(2026, 10, day)));
  const versions = orders.map((order, at) => ({
    order: { prescriber: {}, ...order },
    createdAt: days[at] ?? new Date(0),
  }));
  expect(fillSince(versions)).toEqual(days[index]);
});
