import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { codeOf } from '../../platform/jobs/index.js';
import type { AnchorFile, FileLine } from './anchor-file.js';
import { firstHash, hashAfter, organizationOf } from './audit-chain.js';
import { VerifierStore, type ChainedEntry, type ChainEnds, type Unsealed } from './verifier.store.js';

export type Fault =
  /** No entry has this number. */
  | 'missing'
  /** The entry does not give the hash it was sealed with. */
  | 'altered'
  /** The chain is sound in itself, but another one was anchored. */
  | 'rebuilt'
  /** The entry has a number the sealer does not give. */
  | 'forged'
  /** The entry is chained, but behind the last anchor. */
  | 'unanchored';

/** The first bad row of a chain; nothing behind it is proven. */
export interface BadEntry {
  /** Null: the chain of entries without an organization. */
  organizationId: string | null;
  seq: number;
  /** Null where no entry is. */
  id: string | null;
  fault: Fault;
  foundBy: 'chain' | 'anchors' | 'file';
  /** Up to here anchors or file confirm the chain. */
  provenUpTo: number;
}

export interface FileVerdict {
  path: string;
  /** `missing`: there are anchors and no readable line, so a chain rebuilt together with its anchors would not be found. */
  state: 'present' | 'missing';
  lines: number;
  /** Half written at a crash, or changed. */
  unreadable: number[];
  /** Chains whose last seals are not in this file: it was written elsewhere, or the process ended before. */
  behind: number;
}

export interface Verification {
  chains: number;
  entries: number;
  /** One at most of each chain. */
  bad: BadEntry[];
  file: FileVerdict;
  /** Entries older than `lateAfterMs` that are not sealed. */
  late: Unsealed;
}

export const lateAfterMs = 60_000;
const batchEntries = 1_000;
/** Below every number: a negative one, which no sealer gives, must come to light, too. */
const beforeAll = Number.MIN_SAFE_INTEGER;

/** What is known of one chain while it is verified. */
interface Chain {
  ends: ChainEnds;
  inFileUpTo: number;
  bad?: BadEntry;
}

/** Computes every chain anew and compares it with the stored hashes, the anchors and the anchor file. Changes nothing. */
@Injectable()
export class Verifier {
  constructor(
    private readonly store: VerifierStore,
    private readonly clock: Clock,
  ) {}

  /** Sealing may go on meanwhile: a chain is verified up to where it stood when its turn came. */
  async verify(file: AnchorFile, batch = batchEntries): Promise<Verification> {
    const chains = new Map<string, Chain>();
    let name = await this.store.nextChain(undefined);
    for (; name !== undefined; name = await this.store.nextChain(name)) {
      const ends = await this.store.ends(name);
      const bad = await this.walk(name, ends, batch);
      chains.set(name, { ends, inFileUpTo: 0, ...(bad && { bad }) });
    }
    const verdict = await this.compareFile(file, chains, batch);
    const all = [...chains.values()];
    return {
      chains: all.length,
      entries: all.reduce((sum, { ends }) => sum + ends.entries, 0),
      bad: all.flatMap(({ bad }) => bad ?? []),
      file: verdict,
      late: await this.late(),
    };
  }

  /**
   * The newest entries of every chain, from the last anchor before them on: cheap enough to be done every hour. What was changed
   * further back only `verify` finds.
   * @param most entries of a chain
   */
  async verifyRecent(most: number): Promise<BadEntry[]> {
    const found: BadEntry[] = [];
    let name = await this.store.nextChain(undefined);
    for (; name !== undefined; name = await this.store.nextChain(name)) {
      const ends = await this.store.ends(name);
      const anchor = await this.store.anchorBefore(name, ends.entries - most);
      const bad = await this.walk(name, ends, batchEntries, anchor);
      if (bad !== undefined) found.push(bad);
    }
    return found;
  }

  /** What the sealer ought to have taken by now. */
  late(): Promise<Unsealed> {
    return this.store.unsealed(new Date(this.clock.now().getTime() - lateAfterMs));
  }

  private async walk(
    chain: string,
    ends: ChainEnds,
    batch: number,
    from: { seq: number; hash: Buffer } = { seq: 0, hash: firstHash },
  ): Promise<BadEntry | undefined> {
    const position: Position = { ...from, provenUpTo: from.seq };
    const bad = (found: Finding): BadEntry => ({
      organizationId: organizationOf(chain),
      provenUpTo: position.provenUpTo,
      ...found,
    });
    let entries: ChainedEntry[] = [];
    do {
      entries = await this.store.entries(chain, entries.at(-1)?.seq ?? (from.seq || beforeAll), ends.entries, batch);
      for (const entry of entries) {
        const found = step(position, entry);
        if (found !== undefined) return bad(found);
      }
    } while (entries.length === batch);
    const seq = wrongEnd(position.seq, ends);
    if (seq === undefined) return undefined;
    const [row] = await this.store.standing([{ chain, seq }]);
    const fault = seq > ends.anchors ? 'unanchored' : 'missing';
    return bad({ seq, id: row?.id ?? null, fault, foundBy: 'anchors' });
  }

  private async compareFile(file: AnchorFile, chains: Map<string, Chain>, batch: number): Promise<FileVerdict> {
    const verdict: FileVerdict = { path: file.path, state: 'present', lines: 0, unreadable: [], behind: 0 };
    let waiting: Noted[] = [];
    const compare = async () => {
      await this.compareLines(waiting, chains);
      waiting = [];
    };
    for await (const { number, anchor } of linesOf(file)) {
      if (anchor === undefined) verdict.unreadable.push(number);
      else waiting.push(anchor);
      verdict.lines += 1;
      if (waiting.length === batch) await compare();
    }
    await compare();
    const anchored = [...chains.values()].filter(({ ends }) => ends.anchors > 0);
    if (verdict.lines === verdict.unreadable.length && anchored.length > 0) verdict.state = 'missing';
    verdict.behind = anchored.filter(({ ends, inFileUpTo }) => inFileUpTo < ends.anchors).length;
    return verdict;
  }

  private async compareLines(noted: readonly Noted[], chains: Map<string, Chain>): Promise<void> {
    const standing = noted.length === 0 ? [] : await this.store.standing(noted);
    for (const [at, { id, hash }] of standing.entries()) {
      const line = noted[at];
      if (line === undefined) continue;
      const chain = chains.get(line.chain) ?? { ends: { entries: 0, anchors: 0 }, inFileUpTo: 0 };
      chains.set(line.chain, chain);
      if (hash?.equals(line.hash) === true) chain.inFileUpTo = Math.max(chain.inFileUpTo, line.seq);
      else noteFirst(chain, badLine(line, id, chain));
    }
  }
}

type Noted = NonNullable<FileLine['anchor']>;
type Finding = Pick<BadEntry, 'seq' | 'id' | 'fault' | 'foundBy'>;

interface Position {
  seq: number;
  hash: Buffer;
  provenUpTo: number;
}

/** Goes on to this entry, unless it is the first bad one. */
function step(position: Position, entry: ChainedEntry): Finding | undefined {
  const { seq, id } = entry;
  const expected = position.seq + 1;
  if (seq < expected) return { seq, id, fault: 'forged', foundBy: 'chain' };
  if (seq > expected) return { seq: expected, id: null, fault: 'missing', foundBy: 'chain' };
  const hash = hashAfter(position.hash, entry.fields);
  if (entry.hash?.equals(hash) !== true) return { seq, id, fault: 'altered', foundBy: 'chain' };
  if (entry.anchored !== null && !entry.anchored.equals(hash)) return { seq, id, fault: 'rebuilt', foundBy: 'anchors' };
  if (entry.anchored !== null) position.provenUpTo = seq;
  position.seq = seq;
  position.hash = hash;
  return undefined;
}

/** A seal and its anchor are one statement: where the entries end, the anchors do. @returns the first number in dispute */
function wrongEnd(seq: number, { anchors }: ChainEnds): number | undefined {
  return seq === anchors ? undefined : Math.min(seq, anchors) + 1;
}

/** Where the entries end before the line, the first that is missing is the one behind the end. */
function badLine({ chain, seq }: Noted, id: string | null, { ends, inFileUpTo }: Chain): BadEntry {
  const missing = id === null;
  return {
    organizationId: organizationOf(chain),
    seq: missing ? Math.min(seq, ends.entries + 1) : seq,
    id,
    fault: missing ? 'missing' : 'rebuilt',
    foundBy: 'file',
    provenUpTo: inFileUpTo,
  };
}

function noteFirst(chain: Chain, found: BadEntry): void {
  if (chain.bad === undefined || found.seq < chain.bad.seq) chain.bad = found;
}

async function* linesOf(file: AnchorFile): AsyncGenerator<FileLine> {
  try {
    yield* file.lines();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
