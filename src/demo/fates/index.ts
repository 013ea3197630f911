import { delivered } from './delivered.js';
import type { Fate } from './fate.js';
import { stopped } from './stopped.js';

export { commercialCard } from './cards.js';
export { drugs } from './drugs.js';
export type { Fate } from './fate.js';

export const fates: readonly Fate[] = [...delivered, ...stopped];

/** @throws Error when there is none of this name */
export function fateOf(name: string): Fate {
  const fate = fates.find((one) => one.name === name);
  if (fate === undefined) throw new Error(`there is no fate called ${name}`);
  return fate;
}
