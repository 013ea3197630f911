/**
 * Answers kept so briefly that a revocation works in time, and shared while they are being fetched. Failures are not kept.
 */
export class BriefCache<T> {
  private readonly entries = new Map<string, { answer: Promise<T>; until: number }>();

  constructor(
    private readonly keptMs: number,
    private readonly mostEntries: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  get(key: string, fetch: () => Promise<T>): Promise<T> {
    const now = this.nowMs();
    const known = this.entries.get(key);
    if (known !== undefined && known.until > now) return known.answer;
    if (this.entries.size >= this.mostEntries) this.dropOld(now);
    const answer = fetch();
    this.entries.set(key, { answer, until: now + this.keptMs });
    answer.catch(() => this.entries.delete(key));
    return answer;
  }

  forget(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  private dropOld(now: number): void {
    for (const [key, entry] of this.entries) if (entry.until <= now) this.entries.delete(key);
    if (this.entries.size >= this.mostEntries) this.entries.clear();
  }
}
