import type pg from 'pg';

/** Pages through bare `pg`, as many at a time as there are clients. @returns pages/s */
export async function pagesPerSecond<C extends pg.ClientBase>(
  clients: readonly C[],
  onePage: (client: C) => Promise<void>,
  count: number,
): Promise<number> {
  let left = count;
  const started = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (left > 0) {
        left -= 1;
        await onePage(client);
      }
    }),
  );
  return count / ((performance.now() - started) / 1000);
}
