import { fold } from './fold.js';

describe('fold', () => {
  it('runs a lone call at once and alone', async () => {
    const batches: number[] = [];
    const double = fold<number, number>(
      async (items) => {
        batches.push(items.length);
        return items.map((item) => item * 2);
      },
      { mostItems: 10, mostBatches: 1 },
    );
    expect(await double(21)).toBe(42);
    expect(batches).toEqual([1]);
  });

  it('gathers what arrives while a batch is under way, and answers each caller its own', async () => {
    const batches: number[] = [];
    const double = fold<number, number>(
      async (items) => {
        batches.push(items.length);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return items.map((item) => item * 2);
      },
      { mostItems: 4, mostBatches: 1 },
    );
    const results = await Promise.all(Array.from({ length: 10 }, (_, item) => double(item)));
    expect(results).toEqual(Array.from({ length: 10 }, (_, item) => item * 2));
    expect(Math.max(...batches)).toBeLessThanOrEqual(4);
    expect(batches.length).toBeLessThan(10);
  });

  it('starts a batch beside one that lasts, and before that waits for its end', async () => {
    const batches: number[][] = [];
    const answers = new Map<number, () => void>();
    const answered = (item: number) => new Promise<void>((resolve) => answers.set(item, resolve));
    const lasting = new Map([1, 4, 7].map((item) => [item, answered(item)]));
    const kept = fold<number, number>(
      async (items) => {
        batches.push([...items]);
        for (const item of items) await lasting.get(item);
        return items;
      },
      { mostItems: 3, mostBatches: 3, besideAfterMs: 200 },
    );
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const first = kept(1);
    await turn();
    const second = kept(2);
    await turn();
    const third = kept(3);
    await turn();
    expect(batches).toEqual([[1]]);
    answers.get(1)?.();
    expect(await Promise.all([first, second, third])).toEqual([1, 2, 3]);
    expect(batches).toEqual([[1], [2, 3]]);

    const lost = kept(4);
    await turn();
    expect(await Promise.all([kept(5), kept(6)])).toEqual([5, 6]);
    expect(batches.slice(2)).toEqual([[4], [5, 6]]);
    // Nobody waits for one that is known to be late, nor for one that could take no more with it.
    const seventh = kept(7);
    await turn();
    expect(batches.at(-1)).toEqual([7]);
    const full = [8, 9, 10].map(kept);
    await turn();
    expect(batches.at(-1)).toEqual([8, 9, 10]);
    answers.get(7)?.();
    expect(await Promise.all([seventh, ...full])).toEqual([7, 8, 9, 10]);
    answers.get(4)?.();
    expect(await lost).toBe(4);
  });

  it('gives an error to the callers of that batch only', async () => {
    let call = 0;
    const work = fold<number, number>(
      async (items) => {
        call += 1;
        if (call === 1) throw new Error('first batch');
        return [...items];
      },
      { mostItems: 1, mostBatches: 1 },
    );
    const [first, second] = await Promise.allSettled([work(1), work(2)]);
    expect(first.status).toBe('rejected');
    expect(second).toEqual({ status: 'fulfilled', value: 2 });
  });

  it('with `apart`, tries each of a failed batch alone, so that only the culprit fails', async () => {
    const batches: (readonly number[])[] = [];
    const work = fold<number, number>(
      async (items) => {
        batches.push(items);
        if (items.includes(2)) throw new Error('not this one');
        return items.map((item) => item * 2);
      },
      { mostItems: 10, mostBatches: 1, apart: true },
    );
    const ends = await Promise.allSettled([work(1), work(2), work(3)]);
    expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : 'failed'))).toEqual([2, 'failed', 6]);
    expect(batches).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  it('tries a lone call that failed not again', async () => {
    let calls = 0;
    const work = fold<number, number>(
      async () => {
        calls += 1;
        throw new Error('never');
      },
      { mostItems: 10, mostBatches: 1, apart: true },
    );
    await expect(work(1)).rejects.toThrow('never');
    expect(calls).toBe(1);
  });
});
