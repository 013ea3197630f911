import { trials } from './rehearsal.js';

export interface FoldOptions {
  mostItems: number;
  /** At a time. */
  mostBatches: number;
  /**
   * A batch that is not full starts beside others only when the youngest that runs is as old: one that is soon over is waited
   * for, and takes what comes meanwhile into the next.
   */
  besideAfterMs?: number;
  /** Each item of a batch that failed is tried once more alone: one that cannot be done takes none of the others with it. */
  apart?: boolean;
}

/**
 * Folds calls that arrive together into one: while a batch is under way, later calls gather; the next batch takes them
 * all. Alone, a call waits for nobody. One durable statement for ten rows costs little more than for one.
 *
 * `work` answers one result per item, in order; when it fails, every caller of that batch gets its error.
 */
export function fold<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  options: FoldOptions,
): (item: Item) => Promise<Result> {
  interface Waiting {
    item: Item;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  const running = new Set<{ since: number }>();
  let later: NodeJS.Timeout | undefined;

  const alone = ({ item, resolve, reject }: Waiting) =>
    work([item]).then(([result]) => resolve(result as Result), reject);

  const next = async (): Promise<void> => {
    const batch = waiting.slice(0, options.mostItems);
    waiting = waiting.slice(options.mostItems);
    const self = { since: performance.now() };
    running.add(self);
    try {
      const results = await work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, position) => resolve(results[position] as Result));
    } catch (error) {
      if (options.apart === true && batch.length > 1) await Promise.all(batch.map(alone));
      else for (const { reject } of batch) reject(error);
    } finally {
      running.delete(self);
      pump();
    }
  };

  const waitMs = () => {
    if (running.size === 0 || waiting.length >= options.mostItems) return 0;
    const youngest = Math.max(...Array.from(running, ({ since }) => since));
    return Math.ceil(youngest + (options.besideAfterMs ?? 0) - performance.now());
  };

  const pump = () => {
    while (waiting.length > 0 && running.size < options.mostBatches) {
      const ms = waitMs();
      if (ms > 0) {
        pumpLater(ms);
        return;
      }
      void next();
    }
  };

  const pumpLater = (ms: number) => {
    later ??= setTimeout(() => {
      later = undefined;
      pump();
    }, ms);
  };

  return (item) =>
    new Promise((resolve, reject) => {
      // A batch is of many callers: what one only tries out would take back what the others really do.
      if (trials.current() !== undefined) throw new Error('folded work cannot be rehearsed');
      waiting.push({ item, resolve, reject });
      // Calls of the same turn of the event loop belong together.
      if (waiting.length === 1) setImmediate(pump);
    });
}
