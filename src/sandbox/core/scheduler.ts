/** The longest delay Node's timers keep; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Makes things happen later. `afterLife` takes the time the real world would need and divides it by the speed (simulated
 * seconds per real second; 0 = nothing moves by itself). Stamps on messages are always real time: only waiting shrinks.
 */
export class Scheduler {
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly speed: () => number) {}

  afterLife(seconds: number, run: () => void): void {
    const speed = this.speed();
    if (speed > 0) this.afterReal((seconds * 1000) / speed, run);
  }

  afterReal(ms: number, run: () => void): () => void {
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        run();
      },
      Math.min(ms, LONGEST_MS),
    );
    this.timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.timers.delete(timer);
    };
  }

  clear(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}
