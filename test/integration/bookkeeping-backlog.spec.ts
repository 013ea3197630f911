import { jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { defineJob, Handles } from '../../src/platform/jobs/index.js';
import { bookkeeping } from '../../src/platform/jobs/queues.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';
import { until } from '../support/until.js';

const note = defineJob<{ number: number }>({ name: 'spec.note', queue: 'bookkeeping', retry: 'step' });
const stuck = defineJob<{ number: number }>({ name: 'spec.stuck', queue: 'bookkeeping', retry: 'step' });

@Injectable()
class Notes {
  readonly seen: number[] = [];
  isStuck = false;
  letGo: () => void = () => undefined;

  @Handles(note)
  async note({ number }: { number: number }): Promise<void> {
    this.seen.push(number);
  }

  @Handles(stuck)
  async wait(): Promise<void> {
    this.isStuck = true;
    await new Promise<void>((resolve) => (this.letGo = resolve));
  }
}

const many = 500;

describe('a backlog of bookkeeping', () => {
  let platform: TestPlatform;
  beforeEach(async () => {
    // Longer than this test may take: nothing is done because the relay looked by itself.
    platform = await startTestPlatform({ providers: [Notes], env: { OUTBOX_POLL_MS: '60000' } });
  });
  afterEach(() => platform.stop());

  const enqueued = (numbers: readonly number[]) => {
    const [db, outbox] = [platform.get(Database), platform.get(Outbox)];
    return db.tx(systemContext, async (tx) => {
      for (const number of numbers) await outbox.enqueue(tx, note, { number });
    });
  };
  const all = Array.from({ length: many }, (_, number) => number);

  it('is worked off window by window, although nobody rings for what was due before', async () => {
    await enqueued(all);
    await platform.work();
    const { seen } = platform.get(Notes);
    await until(() => seen.length === many);
    expect(new Set(seen).size).toBe(many);
  });

  it('of what failed before is worked off as well, and does not hold up what comes new', async () => {
    await enqueued(all);
    await platform.sql(
      `UPDATE outbox_events SET last_error = 'broken', attempts = 1, due_at = now() - interval '1 minute'`,
    );
    await enqueued([many]);
    await platform.work();
    const { seen } = platform.get(Notes);
    await until(() => seen.length === many + 1);
    expect(seen.indexOf(many)).toBeLessThan(bookkeeping.window);
  });
});

describe('bookkeeping that does not end', () => {
  it('holds up a shutdown no longer than the 25 s a worker gets', async () => {
    const platform = await startTestPlatform({ providers: [Notes] });
    const notes = platform.get(Notes);
    await platform.work();
    const [db, outbox] = [platform.get(Database), platform.get(Outbox)];
    await db.tx(systemContext, (tx) => outbox.enqueue(tx, stuck, { number: 1 }));
    await until(() => notes.isStuck);
    const { setTimeout: wait } = globalThis;
    const hurried = jest
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation((run: () => void, ms?: number) => wait(run, ms === 25_000 ? 10 : ms));
    await platform.stop();
    hurried.mockRestore();
    notes.letGo();
  });
});
