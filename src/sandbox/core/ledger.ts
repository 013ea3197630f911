import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Vendor } from './vendor.js';

/** What is needed to count effects, and nothing more: no names, texts or addresses. */
export type Digest = Record<string, string | number | boolean | null>;

export interface Effect {
  vendor: Vendor;
  kind: string;
  /** Idempotency key, or the natural key under which a second effect would be a double. */
  key: string;
  /** The vendor's id of the thing that came to be. */
  id: string;
  /** True when the stored answer was given again and nothing happened. */
  replayed?: boolean;
  /** `reference` is the caller's own id (client_reference_id, metadata, referenceId): the second way to count. */
  digest?: Digest;
}

export interface LedgerEntry extends Required<Effect> {
  seq: number;
  at: string;
}

export interface KeyCount {
  key: string;
  effects: number;
  replays: number;
  ids: string[];
}

export interface KindSummary {
  vendor: string;
  kind: string;
  effects: number;
  replays: number;
  keys: KeyCount[];
  references: KeyCount[];
}

export interface LedgerFilter {
  vendor?: string | undefined;
  kind?: string | undefined;
  key?: string | undefined;
}

/** The truth against which lost and doubled effects are counted: a line per effect, in a file that only grows. */
export class Ledger {
  private entries: LedgerEntry[] = [];
  private seq = 0;
  readonly file: string;

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    this.file = join(dataDir, 'ledger.jsonl');
    this.append({ mark: 'start' });
  }

  /** Written before the answer is sent, so a caller that saw the answer finds the entry. */
  record(effect: Effect): LedgerEntry {
    this.seq += 1;
    const entry = { seq: this.seq, at: new Date().toISOString(), replayed: false, digest: {}, ...effect };
    this.entries.push(entry);
    this.append(entry);
    return entry;
  }

  list(filter: LedgerFilter): LedgerEntry[] {
    return this.entries.filter(
      (entry) =>
        (filter.vendor === undefined || entry.vendor === filter.vendor) &&
        (filter.kind === undefined || entry.kind === filter.kind) &&
        (filter.key === undefined || entry.key === filter.key),
    );
  }

  summary(): KindSummary[] {
    const kinds = groupBy(this.entries, (entry) => `${entry.vendor} ${entry.kind}`);
    return [...kinds.values()].map(summarise);
  }

  reset(): void {
    this.entries = [];
    this.append({ mark: 'reset' });
  }

  private append(line: object): void {
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
}

function summarise(entries: LedgerEntry[]): KindSummary {
  return {
    vendor: entries[0]?.vendor ?? '',
    kind: entries[0]?.kind ?? '',
    effects: entries.filter((entry) => !entry.replayed).length,
    replays: entries.filter((entry) => entry.replayed).length,
    keys: countBy(entries, (entry) => entry.key),
    references: countBy(
      entries.filter((entry) => typeof entry.digest.reference === 'string'),
      (entry) => String(entry.digest.reference),
    ),
  };
}

function countBy(entries: LedgerEntry[], keyOf: (entry: LedgerEntry) => string): KeyCount[] {
  return [...groupBy(entries, keyOf)].map(([key, group]) => ({
    key,
    effects: group.filter((entry) => !entry.replayed).length,
    replays: group.filter((entry) => entry.replayed).length,
    ids: [...new Set(group.map((entry) => entry.id))],
  }));
}

function groupBy<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
