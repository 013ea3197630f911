/** Something that was waited for did not come. The message says what. */
export class NotInTime extends Error {
  constructor(what: string, withinMs: number) {
    super(`${what} did not come within ${withinMs / 1000} s`);
    this.name = 'NotInTime';
  }
}

const pauseMs = 60;
const defaultMs = 60_000;

/**
 * Repeats `look` until it answers something.
 * @throws NotInTime naming `what`
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  withinMs = defaultMs,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new NotInTime(what, withinMs);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
