const dayMs = 86_400_000;
/** Who was away for longer reads the list anew, which is cheaper than so many changes. */
const keptMs = 7 * dayMs;

/** `open`: from now on; `resume`: behind what the client has; `reset`: from now on, and it must read the list anew. */
export interface Start {
  kind: 'open' | 'resume' | 'reset';
  /** What comes after this is sent. */
  revision: number;
}

/** @param current revision of the thread */
export function startOf(lastEventId: string | undefined, current: number): Start {
  if (lastEventId === undefined || lastEventId === '') return { kind: 'open', revision: current };
  const revision = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : Infinity;
  return revision <= current ? { kind: 'resume', revision } : { kind: 'reset', revision: current };
}

export function isKept(changedAt: Date, now: Date): boolean {
  return now.getTime() - changedAt.getTime() <= keptMs;
}
