import type { Clock } from '../../../platform/clock/index.js';
import { systemContext, type Database, type Tx } from '../../../platform/db/index.js';
import * as sql from './backfill.sql.js';
import * as store from './backfill.store.js';
import { noCounts, type Change, type Counts } from './outcomes.js';

export interface BackfillOptions {
  /** Without it nothing is written: every transaction is a read-only one. */
  apply: boolean;
  /** Rows of one transaction. */
  batch: number;
  organizationId?: string | undefined;
  /** Stops after the batch at hand. */
  signal?: AbortSignal | undefined;
  onProgress?: (progress: Progress) => void;
  /** What stays unlinked, batch by batch. */
  onUnlinked?: (decisions: readonly store.Decision[]) => Promise<void>;
}

export interface Progress {
  step: string;
  seen: number;
  changed: number;
}

export interface BackfillResult {
  counts: Counts;
  /** False when it was stopped before its end. */
  isComplete: boolean;
}

interface Batch {
  changed: number;
  unlinked: readonly store.Decision[];
}

interface Step {
  name: string;
  change: Change;
  page: (size: number) => string;
  /** In a read-only transaction, what `write` would do. */
  look: (tx: Tx, ids: readonly string[]) => Promise<Batch>;
  write: (tx: Tx, ids: readonly string[], now: Date) => Promise<Batch>;
}

/**
 * Links what the older system left to the tickets of today. Each batch is one transaction and nothing is remembered between
 * them: what is done no longer matches, so a run that was killed is continued by running it again.
 */
export class TicketBackfill {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  async run(options: BackfillOptions): Promise<BackfillResult> {
    const counts = noCounts();
    for (const step of steps()) {
      if (!(await this.runStep(step, options, counts))) return { counts, isComplete: false };
    }
    return { counts, isComplete: true };
  }

  private async runStep(step: Step, options: BackfillOptions, counts: Record<string, number>): Promise<boolean> {
    const progress = { step: step.name, seen: 0, changed: 0 };
    const count = (outcome: string, more: number) => (counts[outcome] = (counts[outcome] ?? 0) + more);
    for (let after = store.beforeAll; ;) {
      if (options.signal?.aborted === true) return false;
      const { ids, changed, unlinked } = await this.runBatch(step, options, after);
      const last = ids.at(-1);
      if (last === undefined) return true;
      after = last;
      count(step.change, changed);
      for (const { outcome } of unlinked) count(outcome, 1);
      await options.onUnlinked?.(unlinked);
      progress.seen += ids.length;
      progress.changed += changed;
      options.onProgress?.({ ...progress });
    }
  }

  private runBatch(step: Step, options: BackfillOptions, after: string): Promise<Batch & { ids: string[] }> {
    const { apply, batch, organizationId } = options;
    return this.db.tx(
      systemContext,
      async (tx) => {
        const ids = await store.pageOf(tx, step.page(batch), after, organizationId);
        if (ids.length === 0) return { ids, changed: 0, unlinked: [] };
        const done = apply ? await step.write(tx, ids, this.clock.now()) : await step.look(tx, ids);
        return { ids, ...done };
      },
      { readOnly: !apply },
    );
  }
}

/** Tickets first, so that every thread of the older system finds a ticket with a thread to take the place of. */
function steps(): readonly Step[] {
  const threads = threadStep();
  return [
    {
      name: 'tickets without prescription',
      change: 'ticket-prescription',
      page: sql.ticketsWithoutPrescription,
      look: allOf,
      write: async (tx, ids, now) => ({ changed: await store.linkPrescriptions(tx, ids, now), unlinked: [] }),
    },
    {
      name: 'tickets without thread',
      change: 'ticket-thread',
      page: sql.ticketsWithoutThread,
      look: allOf,
      write: async (tx, ids) => ({ changed: await store.makeThreads(tx, ids), unlinked: [] }),
    },
    { name: 'threads with messages', page: sql.threadsWithMessages, ...threads },
    { name: 'threads without messages', page: sql.threadsWithoutMessages, ...threads },
  ];
}

const allOf: Step['look'] = (_tx, ids) => Promise.resolve({ changed: ids.length, unlinked: [] });

function threadStep(): Pick<Step, 'change' | 'look' | 'write'> {
  // Only a dry run needs it: there no thread takes its ticket, and the second of two would count as well.
  const taken = new Set<string>();
  return {
    change: 'thread-linked',
    look: async (tx, ids) => sorted((await store.decide(tx, ids)).map((decision) => firstOf(decision, taken))),
    write: async (tx, ids, now) => sorted(await store.linkThreads(tx, ids, now)),
  };
}

function firstOf(decision: store.Decision, taken: Set<string>): store.Decision {
  if (!store.isLink(decision)) return decision;
  if (taken.has(decision.ticketId)) return { ...decision, outcome: 'ticket-has-thread' };
  taken.add(decision.ticketId);
  return decision;
}

function sorted(decisions: readonly store.Decision[]): Batch {
  const unlinked = decisions.filter((decision) => !store.isLink(decision));
  return { changed: decisions.length - unlinked.length, unlinked };
}
