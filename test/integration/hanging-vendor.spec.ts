import { Injectable } from '@nestjs/common';
import {
  compensateJob,
  moneyBackJob,
  resumeCancelJob,
  undeliveredJob,
} from '../../src/modules/cancellation/cancellation.jobs.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Handles, type JobDefinition } from '../../src/platform/jobs/index.js';
import { queues } from '../../src/platform/jobs/queues.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';
import { until } from '../support/until.js';

type About = { prescriptionId: string };

/** Stands where the undoing speaks to vendors: none of them answers before it is let go. */
@Injectable()
class Undoing {
  readonly asking = new Set<string>();
  readonly done = new Set<string>();
  vendorAnswers = false;

  @Handles(compensateJob)
  compensate(about: About): Promise<void> {
    return this.ask(about);
  }

  @Handles(moneyBackJob)
  moneyBack(about: About): Promise<void> {
    return this.ask(about);
  }

  @Handles(resumeCancelJob)
  resume(about: About): Promise<void> {
    return this.ask(about);
  }

  @Handles(undeliveredJob)
  async undelivered({ prescriptionId }: About): Promise<void> {
    this.done.add(prescriptionId);
  }

  private async ask({ prescriptionId }: About): Promise<void> {
    this.asking.add(prescriptionId);
    await until(() => this.vendorAnswers);
    this.done.add(prescriptionId);
  }
}

describe('undoing while a vendor hangs', () => {
  let platform: TestPlatform;
  const undoing = () => platform.get(Undoing);
  const isDone = (id: string) => undoing().done.has(id);

  beforeAll(async () => {
    platform = await startTestPlatform({ providers: [Undoing] });
    await platform.work();
  });
  afterAll(() => platform.stop());

  const enqueue = async (job: JobDefinition<About>, dueAt = new Date()) => {
    const prescriptionId = newId();
    await platform.get(Database).tx(systemContext, async (tx) => {
      await platform.get(Outbox).enqueue(tx, job, { prescriptionId }, { dueAt });
    });
    return prescriptionId;
  };

  it('holds up no step of other prescriptions', async () => {
    const held: string[] = [];
    for (let left = queues.steps.concurrency; left > 0; left -= 1) {
      for (const job of [compensateJob, moneyBackJob, resumeCancelJob]) held.push(await enqueue(job));
    }
    await until(() => undoing().asking.size >= queues.undoing.concurrency);
    const step = await enqueue(undeliveredJob);
    await until(() => isDone(step));
    undoing().vendorAnswers = true;
    await until(() => held.every(isDone));
  });

  it('is gone on with where an earlier release had planned it among the steps', async () => {
    undoing().vendorAnswers = true;
    const planned = await enqueue(compensateJob, new Date(Date.now() + 600_000));
    await platform.sql(`UPDATE outbox_events SET queue = 'steps', due_at = now()`);
    await until(() => isDone(planned));
  });
});
