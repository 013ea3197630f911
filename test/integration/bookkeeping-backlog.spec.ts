import { Injectable } from '@nestjs/common';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { defineJob, Handles } from '../../src/platform/jobs/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';
import { until } from '../support/until.js';

const note = defineJob<{ number: number }>({ name: 'spec.note', queue: 'bookkeeping', retry: 'step' });

@Injectable()
class Notes {
  readonly seen: number[] = [];

  @Handles(note)
  async note({ number }: { number: number }): Promise<void> {
    this.seen.push(number);
  }
}

const many = 500;

describe('a backlog of bookkeeping', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    // Longer than this test may take: nothing is done because the relay looked by itself.
    platform = await startTestPlatform({ providers: [Notes], env: { OUTBOX_POLL_MS: '60000' } });
  });
  afterAll(() => platform.stop());

  it('is worked off window by window, although nobody rings for what was due before', async () => {
    const [db, outbox] = [platform.get(Database), platform.get(Outbox)];
    await db.tx(systemContext, async (tx) => {
      for (let number = 0; number < many; number += 1) await outbox.enqueue(tx, note, { number });
    });
    await platform.work();
    const { seen } = platform.get(Notes);
    await until(() => seen.length === many);
    expect(new Set(seen).size).toBe(many);
  });
});
