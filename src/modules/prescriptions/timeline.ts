import { Injectable } from '@nestjs/common';
import type { DbContext, Tx } from '../../platform/db/index.js';
import { roleMay, seesInside } from '../auth/index.js';

/** One thing that happened to a prescription. Codes and ids, never patient data. */
export interface TimelineEntry {
  /** When it happened. */
  at: Date;
  /** When we learnt of it; reports arrive late. */
  recordedAt: Date;
  /** `status`, `effect`, `dead_letter`, or a module's own word. */
  kind: string;
  /** Stable code, `module.what`. */
  code: string;
  actor: { kind: string; id: string | null };
  cause: { trigger: string; reason?: string | null; webhookEventId?: string | null; jobId?: string | null };
  details?: Readonly<Record<string, unknown>>;
}

/**
 * `staff`: what we asked vendors for and what failed inside is not shown to the parties. `claims`: what payers said is for those
 * who may read claims.
 */
export type TimelineAudience = 'parties' | 'claims' | 'staff';

const isOf: Readonly<Record<TimelineAudience, (context: DbContext) => boolean>> = {
  parties: () => true,
  claims: (context) => seesInside(context) || roleMay(context, 'claims:read'),
  staff: seesInside,
};

/** A module that has something to tell. */
export interface TimelineSource {
  name: string;
  audience: TimelineAudience;
  /** Called with a prescription the caller may see, in the caller's transaction. */
  entries(tx: Tx, prescriptionId: string): Promise<readonly TimelineEntry[]>;
  /** What it has to tell of a ticket, beside its prescriptions. */
  ofTicket?(tx: Tx, ticketId: string): Promise<readonly TimelineEntry[]>;
}

/** Each module registers its own source in `onModuleInit`. */
@Injectable()
export class TimelineSources {
  private readonly sources = new Map<string, TimelineSource>();

  /** @throws Error when a name is registered twice */
  register(source: TimelineSource): void {
    if (this.sources.has(source.name)) throw new Error(`timeline source ${source.name} is registered twice`);
    this.sources.set(source.name, source);
  }

  /** Oldest first; of one instant in the order we learnt of it. */
  async of(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
    const entries: TimelineEntry[] = [];
    for (const source of this.seenBy(tx)) entries.push(...(await source.entries(tx, prescriptionId)));
    return entries.toSorted((a, b) => Number(a.at) - Number(b.at) || Number(a.recordedAt) - Number(b.recordedAt));
  }

  /** In no order: they are a part of the ticket's timeline. */
  async ofTicket(tx: Tx, ticketId: string): Promise<TimelineEntry[]> {
    const entries: TimelineEntry[] = [];
    for (const source of this.seenBy(tx)) entries.push(...((await source.ofTicket?.(tx, ticketId)) ?? []));
    return entries;
  }

  private seenBy(tx: Tx): TimelineSource[] {
    return [...this.sources.values()].filter(({ audience }) => isOf[audience](tx.context));
  }
}
