import { Injectable } from '@nestjs/common';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { defineJob, Handles } from '../../src/platform/jobs/index.js';
import { Backlog } from '../../src/platform/metrics/backlog.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { Gate } from '../support/gate.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';
import { until } from '../support/until.js';

const note = defineJob<{ thing: string }>({ name: 'spec.note', queue: 'steps', retry: 'step' });

@Injectable()
class Notes {
  readonly seen: string[] = [];

  @Handles(note)
  async note({ thing }: { thing: string }): Promise<void> {
    this.seen.push(thing);
  }
}

describe('without its queue, while the database lives', () => {
  let platform: TestPlatform;
  let gate: Gate;

  const enqueue = async () => {
    const thing = newId();
    await platform.get(Database).tx(systemContext, (tx) => platform.get(Outbox).enqueue(tx, note, { thing }));
    return thing;
  };
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const done = (things: string[]) => until(() => things.every((thing) => platform.get(Notes).seen.includes(thing)));

  beforeAll(async () => {
    platform = await startTestPlatform({
      providers: [Notes, Metrics, Backlog],
      queueUrl: async (address) => {
        const door = await Gate.before(address);
        gate = door.gate;
        return door.url;
      },
    });
    await platform.work();
  });

  afterAll(async () => {
    await gate.open();
    await platform.stop();
    await gate.shut();
  });

  it('starts all the same, keeps the work and does it as soon as the queue is there', async () => {
    const things = [await enqueue(), await enqueue()];
    await pause(1_500);
    expect(platform.get(Notes).seen).toEqual([]);
    // Claimed and handed back again and again, and late all the same.
    expect(await platform.get(Backlog).oldestOutboxSeconds()).toBeGreaterThan(1.4);
    await gate.open();
    await done(things);
    expect(await platform.get(Backlog).oldestOutboxSeconds()).toBe(0);
  });

  it('does so again every time the queue goes', async () => {
    for (let round = 0; round < 3; round += 1) {
      await gate.shut();
      const things = [await enqueue(), await enqueue()];
      await pause(300);
      await gate.open();
      await done(things);
    }
    await gate.shut();
  });
});
