import { trials } from './rehearsal.js';

/**
 * Folds calls that arrive together into one: while a batch is under way, later calls gather; the next batch takes them
 * all. Alone, a call waits for nobody. One durable statement for ten rows costs little more than for one.
 *
 * `work` answers one result per item, in order; when it fails, every caller of that batch gets its error. With `apart` each
 * item of a batch that failed is tried once more alone, so that one that cannot be done takes none of the others with it.
 */
export function fold<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  options: { mostItems: number; mostBatches: number; apart?: boolean },
): (item: Item) => Promise<Result> {
  interface Waiting {
    item: Item;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let running = 0;

  const alone = ({ item, resolve, reject }: Waiting) =>
    work([item]).then(([result]) => resolve(result as Result), reject);

  const next = async (): Promise<void> => {
    const batch = waiting.slice(0, options.mostItems);
    waiting = waiting.slice(options.mostItems);
    running += 1;
    try {
      const results = await work(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, position) => resolve(results[position] as Result));
    } catch (error) {
      if (options.apart === true && batch.length > 1) await Promise.all(batch.map(alone));
      else for (const { reject } of batch) reject(error);
    } finally {
      running -= 1;
      pump();
    }
  };

  const pump = () => {
    while (waiting.length > 0 && running < options.mostBatches) void next();
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
