import type { Role } from '../auth/index.js';

/** Who gets what is ordered, and had no part in correcting it. */
const receivers: ReadonlySet<Role> = new Set(['patient', 'pharmacy']);

/** An earlier version may name somebody else, so who receives an order sees the one that holds. */
export function versionsSeenBy<V extends { version: number }>(
  role: Role,
  versions: readonly V[],
  current: number,
): V[] {
  return versions.filter(({ version }) => version === current || !receivers.has(role));
}
