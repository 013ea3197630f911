import { versionsSeenBy } from './versions.policy.js';

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
