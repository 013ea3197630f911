import type { ApiClient } from '../../src/demo/client.js';

interface Page {
  items: { id: string; state: string }[];
  nextCursor: string | null;
}

const everyMs = 250;

/** Looks at all prescriptions at once, so that many people who wait cost the application one request. */
export class Watch {
  private states: ReadonlyMap<string, string> = new Map();
  private begun: Promise<void> | undefined;
  private upcoming: Promise<void> | undefined;

  constructor(private readonly api: ApiClient) {}

  stateOf(id: string): string | undefined {
    return this.states.get(id);
  }

  /** Resolves with a look that begins after this call: what the caller did before is in it. */
  async next(): Promise<void> {
    this.upcoming ??= this.after(this.begun);
    await this.upcoming;
  }

  private async after(before: Promise<void> | undefined): Promise<void> {
    await before;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    this.upcoming = undefined;
    this.begun = this.look();
    await this.begun;
  }

  /** While nobody answers, what was seen last stands. */
  private async look(): Promise<void> {
    const seen = new Map<string, string>();
    try {
      let cursor: string | null = '';
      while (cursor !== null) {
        const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: Page = await this.api.get(`/api/prescriptions?limit=100${after}`);
        for (const { id, state } of page.items) seen.set(id, state);
        cursor = page.nextCursor;
      }
    } catch {
      return;
    }
    this.states = seen;
  }
}
