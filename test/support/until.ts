const pauseMs = 20;
/** A machine others use as well may give us a fifth of itself; who waits for what comes loses nothing by it. */
const patienceMs = 45_000;

/**
 * Repeats until `look` answers something, for work that workers do.
 * @throws Error when nothing came in time
 */
export async function eventually<T>(look: () => Promise<T | undefined>, withinMs = patienceMs): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`nothing came within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Waits for what workers do; fails when it does not come. */
export async function until(look: () => boolean | Promise<boolean>, withinMs?: number): Promise<void> {
  await eventually(async () => ((await look()) ? true : undefined), withinMs);
}
