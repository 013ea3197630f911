import { jest } from '@jest/globals';
import { Injectable, Logger } from '@nestjs/common';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { defineJob, Handles, TryLater, Unrecoverable, type JobRun } from '../../src/platform/jobs/index.js';
import { everyEvent, Outbox, OutboxStore } from '../../src/platform/outbox/index.js';
import { Backlog } from '../../src/platform/metrics/backlog.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';
import { queues } from '../../src/platform/jobs/queues.js';
import { until } from '../support/until.js';

const count = defineJob<{ thing: string }>({
  name: 'spec.count',
  queue: 'steps',
  retry: 'step',
  on: ['thing_happened'],
});
const copy = defineJob<{ thing: string }>({ name: 'spec.copy', queue: 'email', retry: 'step', on: ['thing_happened'] });
const asked = defineJob<{ thing: string }>({
  name: 'spec.asked',
  queue: 'steps',
  retry: 'step',
  on: [
    { event: 'thing_asked_for', onRequest: true },
    { event: 'other_thing', onRequest: true },
  ],
});
const flaky = defineJob<{ thing: string }>({ name: 'spec.flaky', queue: 'steps', retry: 'step' });
const hopeless = defineJob<{ thing: string }>({ name: 'spec.hopeless', queue: 'steps', retry: 'step' });
const hopelessSlot = defineJob<{ slot: string }>({ name: 'spec.hopeless_slot', queue: 'steps', retry: 'step' });
const held = defineJob<{ thing: string }>({ name: 'spec.held', queue: 'sms', retry: 'step' });
const later = defineJob<{ thing: string }>({ name: 'spec.later', queue: 'steps', retry: 'step' });

@Injectable()
class Counter {
  readonly seen: string[] = [];
  readonly holding = new Set<string>();
  readonly released = new Set<string>();

  @Handles(count)
  async count({ thing }: { thing: string }): Promise<void> {
    this.seen.push(`count ${thing}`);
  }

  @Handles(copy)
  async copy({ thing }: { thing: string }): Promise<void> {
    this.seen.push(`copy ${thing}`);
  }

  @Handles(asked)
  async asked({ thing }: { thing: string }): Promise<void> {
    this.seen.push(`asked ${thing}`);
  }

  @Handles(flaky)
  async flaky({ thing }: { thing: string }, run: JobRun): Promise<void> {
    this.seen.push(`flaky ${run.attempt}`);
    if (run.attempt < 3) throw new Error(`no luck\nwith ${thing}`);
  }

  @Handles(hopeless)
  async hopeless(): Promise<void> {
    throw new Unrecoverable('spec.refused', 'never');
  }

  @Handles(hopelessSlot)
  async hopelessSlot({ slot }: { slot: string }): Promise<void> {
    throw new Unrecoverable(slot.startsWith('other') ? 'spec.other' : 'spec.refused', 'never');
  }

  /** Until it is let go. */
  @Handles(held)
  async held({ thing }: { thing: string }, run: JobRun): Promise<void> {
    this.holding.add(thing);
    await until(() => this.released.has(thing));
    this.holding.delete(thing);
    this.seen.push(`held ${thing}`);
    if (thing.startsWith('bad') && run.attempt === 1) throw new Error('no luck');
  }

  @Handles(later)
  async later({ thing }: { thing: string }, run: JobRun): Promise<void> {
    const first = !this.seen.includes(`later ${thing}`);
    this.seen.push(`later ${thing}`);
    if (first) throw new TryLater('spec.not-yet', 20);
    this.seen.push(`attempt ${run.attempt}`);
  }
}

describe('the outbox', () => {
  let platform: TestPlatform;
  const db = () => platform.get(Database);
  const outbox = () => platform.get(Outbox);
  const seen = () => platform.get(Counter).seen;
  const row = async (id: string) =>
    (
      await platform.sql<{ done_at: Date | null; last_error: string | null; attempts: number }>(
        'SELECT done_at, last_error, attempts FROM outbox_events WHERE id = $1',
        [id],
      )
    )[0];
  const enqueue = (job: typeof flaky, thing = newId()) =>
    db().tx(systemContext, async (tx) => (await outbox().enqueue(tx, job, { thing })) ?? '');

  beforeAll(async () => {
    platform = await startTestPlatform({ providers: [Counter, Metrics, Backlog] });
    await platform.work();
  });

  afterAll(async () => {
    await platform.stop();
  });

  it('hands an event to each of its subscribers once', async () => {
    const thing = newId();
    await db().tx(systemContext, (tx) =>
      outbox().publish(tx, { name: 'thing_happened', aggregateId: thing, payload: { thing } }),
    );
    await until(() => seen().includes(`count ${thing}`) && seen().includes(`copy ${thing}`));
    await until(async () => {
      const rows = await platform.sql('SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND done_at IS NULL', [
        thing,
      ]);
      return rows.length === 0;
    });
    expect(seen().filter((line) => line.endsWith(thing))).toHaveLength(2);
  });

  it('starts a job that hears on request for those who asked, and leaves all others the one finished row', async () => {
    const organizationId = newId();
    await platform.sql(
      `INSERT INTO organizations (id, name, brand, created_at) VALUES ($1, 'Asking', 'Asking', now())`,
      [organizationId],
    );
    const listen = (events: string[]) =>
      db().tx(systemContext, (tx) => outbox().listen(tx, asked, organizationId, events));
    const happens = async (name: string, about: { organizationId?: string } = { organizationId }) => {
      const thing = newId();
      await db().tx(systemContext, (tx) =>
        outbox().publish(tx, { name, aggregateId: thing, payload: { thing }, ...about }),
      );
      const rows = await platform.sql<{ subscriber: string }>(
        'SELECT subscriber FROM outbox_events WHERE aggregate_id = $1 ORDER BY subscriber',
        [thing],
      );
      return { thing, subscribers: rows.map(({ subscriber }) => subscriber) };
    };
    expect((await happens('thing_asked_for')).subscribers).toEqual(['']);
    await listen(['thing_asked_for']);
    const { thing, subscribers } = await happens('thing_asked_for');
    expect(subscribers).toEqual(['', 'spec.asked']);
    await until(() => seen().includes(`asked ${thing}`));
    expect((await happens('other_thing')).subscribers).toEqual(['']);
    expect((await happens('thing_asked_for', {})).subscribers).toEqual(['']);
    await listen([everyEvent]);
    expect((await happens('other_thing')).subscribers).toEqual(['', 'spec.asked']);
    await listen([]);
    expect((await happens('thing_asked_for')).subscribers).toEqual(['']);
  });

  it('forgets what a transaction that failed had announced', async () => {
    const thing = newId();
    await expect(
      db().tx(systemContext, async (tx) => {
        await outbox().publish(tx, { name: 'thing_happened', aggregateId: thing, payload: { thing } });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    const rows = await platform.sql('SELECT 1 FROM outbox_events WHERE aggregate_id = $1', [thing]);
    expect(rows).toHaveLength(0);
  });

  it('tries a failed job again and keeps count', async () => {
    const id = await enqueue(flaky);
    await until(async () => (await row(id))?.done_at != null);
    expect(await row(id)).toMatchObject({ attempts: 3, last_error: 'Error' });
  });

  it('logs where an unexpected failure happened, and no line of its message', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error');
    const thing = newId();
    const id = await enqueue(flaky, thing);
    await until(async () => (await row(id))?.done_at != null);
    const lines = JSON.stringify(logged.mock.calls.filter(([line]) => JSON.stringify(line).includes(flaky.name)));
    logged.mockRestore();
    expect(lines).toContain('Counter.flaky');
    expect(lines).not.toContain(thing);
  });

  it('turns a hopeless job into a dead letter with its reason', async () => {
    const id = await enqueue(hopeless);
    await until(async () => (await row(id))?.done_at != null);
    const rows = await platform.sql('SELECT reason, attempts, subscriber FROM dead_letters WHERE outbox_id = $1', [id]);
    expect(rows).toEqual([{ reason: 'spec.refused', attempts: 1, subscriber: 'spec.hopeless' }]);
  });

  it('keeps one dead letter of a reason a day for a scheduled job: its next slot does the same work', async () => {
    const fail = async (slot: string) => {
      const id = await db().tx(systemContext, (tx) => outbox().enqueue(tx, hopelessSlot, { slot }));
      await until(async () => (await row(id ?? ''))?.done_at != null);
      const letters = await platform.sql<{ reason: string; redriven: boolean }>(
        `SELECT reason, redriven_at IS NOT NULL AS redriven FROM dead_letters WHERE subscriber = $1 ORDER BY id`,
        [hopelessSlot.name],
      );
      return letters.map(({ reason, redriven }) => (redriven ? 'redriven' : reason));
    };
    expect(await fail('one')).toEqual(['spec.refused']);
    expect(await fail('two')).toEqual(['spec.refused']);
    expect(await fail('other')).toEqual(['spec.refused', 'spec.other']);
    await platform.sql(
      `UPDATE dead_letters SET redriven_at = now() WHERE reason = 'spec.refused' AND subscriber = $1`,
      [hopelessSlot.name],
    );
    expect(await fail('three')).toEqual(['redriven', 'spec.other', 'spec.refused']);
    // Nobody looked at the letter, and the next outage is another one.
    await platform.sql(`UPDATE dead_letters SET created_at = now() - interval '25 hours' WHERE subscriber = $1`, [
      hopelessSlot.name,
    ]);
    expect(await fail('four')).toEqual(['redriven', 'spec.other', 'spec.refused', 'spec.refused']);
  });

  it('gives up a job that was started for ever and never ended: it takes its process with it', async () => {
    const thing = newId();
    const id = await db().tx(systemContext, (tx) =>
      outbox().enqueue(tx, count, { thing }, { dueAt: new Date(Date.now() + 60_000) }),
    );
    await platform.sql('UPDATE outbox_events SET attempts = 38, due_at = now() WHERE id = $1', [id]);
    await until(async () => (await row(id ?? ''))?.done_at != null);
    const rows = await platform.sql('SELECT reason, attempts FROM dead_letters WHERE outbox_id = $1', [id]);
    expect(rows).toEqual([{ reason: 'job.never-ended', attempts: 39 }]);
    expect(seen()).not.toContain(`count ${thing}`);
  });

  it('is late while nobody begins what was handed out', async () => {
    const thing = newId();
    const id = await db().tx(systemContext, (tx) =>
      outbox().enqueue(tx, count, { thing }, { dueAt: new Date(Date.now() + 60_000) }),
    );
    const age = () => platform.get(Backlog).oldestOutboxSeconds();
    expect(await age()).toBe(0);
    // Of another queue than any that is worked on here: as if its processes were gone.
    await platform.sql(
      `UPDATE outbox_events SET due_at = now() + interval '4 minutes', dispatched_at = now(), waiting_since = now() - interval '1 hour'
       WHERE id = $1`,
      [id],
    );
    expect(await age()).toBeGreaterThan(3_500);
    await platform.sql('UPDATE outbox_events SET due_at = now() WHERE id = $1', [id]);
    await until(async () => (await row(id ?? ''))?.done_at != null);
    expect(await age()).toBe(0);
  });

  it('tries a job that this release does not know, and gives it up like any other', async () => {
    const id = await db().tx(systemContext, (tx) =>
      outbox().enqueue(tx, count, { thing: newId() }, { dueAt: new Date(Date.now() + 60_000) }),
    );
    const becomes = (attempts: number) =>
      platform.sql(
        `UPDATE outbox_events SET subscriber = 'spec.of-tomorrow', attempts = $2, due_at = now() WHERE id = $1`,
        [id, attempts],
      );
    await becomes(0);
    await until(async () => (await row(id ?? ''))?.last_error === 'job.unknown');
    expect(await row(id ?? '')).toMatchObject({ done_at: null });
    await becomes(15);
    await until(async () => (await row(id ?? ''))?.done_at != null);
    const rows = await platform.sql('SELECT reason, attempts FROM dead_letters WHERE outbox_id = $1', [id]);
    expect(rows).toEqual([{ reason: 'job.unknown', attempts: 16 }]);
  });

  it('does not count a postponement as an attempt', async () => {
    const id = await enqueue(later);
    await until(async () => (await row(id))?.done_at != null);
    expect(await row(id)).toMatchObject({ attempts: 1 });
  });

  it.each([
    [
      'counts postponements of a job that is put off for more than a day: its neighbour is not busy but gone',
      '2 days',
      2,
    ],
    ['does not count them of one that was planned long ago, or redriven', null, 1],
  ])('%s', async (_, postponedFor, attempts) => {
    const id = await db().tx(systemContext, (tx) =>
      outbox().enqueue(tx, later, { thing: newId() }, { dueAt: new Date(Date.now() + 60_000) }),
    );
    await platform.sql(
      `UPDATE outbox_events SET occurred_at = now() - interval '9 days', postponed_since = now() - $2::interval, due_at = now()
       WHERE id = $1`,
      [id, postponedFor],
    );
    await until(async () => (await row(id ?? ''))?.done_at != null);
    expect(await row(id ?? '')).toMatchObject({ attempts });
  });

  it('finds its work again after the queue was emptied', async () => {
    const dueAt = new Date(Date.now() + 600_000);
    const things = Array.from({ length: 20 }, () => newId());
    await db().tx(systemContext, async (tx) => {
      for (const thing of things) await outbox().enqueue(tx, count, { thing }, { dueAt });
    });
    if (process.env.PHARMONICO_TEST_REDIS_URL === undefined)
      await platform.sql('TRUNCATE bullmq.job CASCADE').catch(() => undefined);
    await platform.sql(`UPDATE outbox_events SET due_at = now() WHERE payload->>'thing' = ANY($1)`, [things]);
    await until(() => things.every((thing) => seen().includes(`count ${thing}`)));
  });

  describe('rows that fell due together', () => {
    const together = async (names: readonly string[]) => {
      const things = names.map((name) => `${name} ${newId()}`);
      const ids = await db().tx(systemContext, async (tx) => {
        const rows: string[] = [];
        for (const thing of things) rows.push((await outbox().enqueue(tx, held, { thing })) ?? '');
        return rows;
      });
      return { things, ids };
    };
    const counter = () => platform.get(Counter);
    const done = async (id: string | undefined) => (await row(id ?? ''))?.done_at != null;

    it('wait for a free place and not for each other, and the failure of one is its own', async () => {
      const { things, ids } = await together(['slow', 'bad', 'good', 'good', 'good']);
      const [slow = '', ...others] = things;
      for (const thing of others) counter().released.add(thing);
      await until(async () => (await Promise.all(ids.slice(1).map(done))).every(Boolean));
      expect(await row(ids[1] ?? '')).toMatchObject({ attempts: 2, last_error: 'Error' });
      expect(await row(ids[4] ?? '')).toMatchObject({ attempts: 1, last_error: null });
      expect(await done(ids[0])).toBe(false);
      counter().released.add(slow);
      await until(() => done(ids[0]));
      expect(things.filter((thing) => seen().includes(`held ${thing}`))).toHaveLength(5);
    });

    it('run no more at once than the queue has places', async () => {
      const { things, ids } = await together(Array.from({ length: 12 }, (_, at) => `row ${at}`));
      let most = 0;
      for (let left = things.length; left > 0; left -= 1) {
        await until(() => counter().holding.size === Math.min(left, queues.sms.concurrency));
        most = Math.max(most, counter().holding.size);
        counter().released.add([...counter().holding][0] ?? '');
        await until(async () => (await Promise.all(ids.map(done))).filter(Boolean).length > things.length - left);
      }
      expect(most).toBe(queues.sms.concurrency);
    });

    it('are due again at once when their worker stops before they began', async () => {
      const other = await startTestPlatform({ providers: [Counter, Metrics, Backlog] });
      try {
        const stopping = other.get(Counter);
        const things = Array.from({ length: 12 }, () => newId());
        await other.get(Database).tx(systemContext, async (tx) => {
          for (const thing of things) await other.get(Outbox).enqueue(tx, held, { thing });
        });
        await other.work();
        await until(() => stopping.holding.size === queues.sms.concurrency);
        const closed = other.context.close();
        await until(async () => {
          const rows = await other.sql(
            `SELECT 1 FROM outbox_events WHERE subscriber = 'spec.held' AND dispatched_at IS NULL AND attempts = 0`,
          );
          return rows.length === things.length - queues.sms.concurrency;
        });
        for (const thing of things) stopping.released.add(thing);
        await closed;
        expect(stopping.seen).toHaveLength(queues.sms.concurrency);
      } finally {
        await other.stop();
      }
    });
  });

  it('begins a row once per hand-out, however often the queue delivers its job', async () => {
    const other = await startTestPlatform({ providers: [Counter, Metrics, Backlog] });
    try {
      const store = other.get(OutboxStore);
      const leaseMs = 60_000;
      await other.get(Database).tx(systemContext, async (tx) => {
        await other.get(Outbox).enqueue(tx, count, { thing: newId() });
      });
      const [row] = await store.claimDue(10, leaseMs);
      if (row === undefined) throw new Error('nothing was due');
      expect(await store.start({ ...row, leaseMs })).toBe(1);
      expect(await store.start({ ...row, leaseMs })).toBeUndefined();
      // Postponed, which gives the attempt back; what is delivered again must not run before its time.
      const dueAt = new Date(Date.now() + 3_600_000);
      const { id: outboxId, dispatchNo } = row;
      await store.noteFailure({ outboxId, dispatchNo, code: 'spec.busy', dueAt, countsAsAttempt: false });
      expect(await store.start({ ...row, leaseMs })).toBeUndefined();
      await store.handBack([row], 0);
      expect(await other.sql('SELECT due_at FROM outbox_events WHERE id = $1', [row.id])).toEqual([{ due_at: dueAt }]);
    } finally {
      await other.stop();
    }
  });

  it.each(['dead letter', 'next attempt'])(
    'lets no %s of a run whose row was handed out anew come between the newer one',
    async (end) => {
      const other = await startTestPlatform({ providers: [Counter, Metrics, Backlog] });
      try {
        const store = other.get(OutboxStore);
        await other.get(Database).tx(systemContext, async (tx) => {
          await other.get(Outbox).enqueue(tx, count, { thing: newId() });
        });
        const [stale] = await store.claimDue(10, 0);
        const [newer] = await store.claimDue(10, 60_000);
        if (stale === undefined || newer === undefined) throw new Error('nothing was due');
        await store.start({ ...newer, leaseMs: 60_000 });
        const row = () => other.sql('SELECT due_at, done_at, last_error, attempts, dispatched_at FROM outbox_events');
        const before = await row();
        const dueAt = end === 'dead letter' ? undefined : new Date();
        const note = { outboxId: stale.id, code: 'spec.late', dueAt, countsAsAttempt: false };
        await store.noteFailure({ ...note, dispatchNo: stale.dispatchNo });
        await store.renew([stale], 3_600_000);
        expect(await row()).toEqual(before);
        expect(await other.sql('SELECT 1 FROM dead_letters')).toEqual([]);
        await store.renew([newer], 3_600_000);
        expect(await row()).not.toEqual(before);
        await store.noteFailure({ ...note, dispatchNo: newer.dispatchNo });
        const ended = await row();
        await store.renew([newer], 7_200_000);
        expect(await row()).toEqual(ended);
      } finally {
        await other.stop();
      }
    },
  );

  it('does not begin a job beside itself that runs for longer than its lease', async () => {
    const leaseMs = 3_000;
    const other = await startTestPlatform({
      providers: [Counter, Metrics, Backlog],
      env: { OUTBOX_LEASE_MS: String(leaseMs) },
    });
    try {
      const counter = other.get(Counter);
      const thing = newId();
      await other.work();
      await other.get(Database).tx(systemContext, (tx) => other.get(Outbox).enqueue(tx, held, { thing }));
      await until(() => counter.holding.has(thing));
      const begunAt = Date.now();
      // Its first lease is over by then.
      await until(async () => {
        const [row] = await other.sql<{ dueAt: Date }>('SELECT due_at AS "dueAt" FROM outbox_events');
        return row !== undefined && row.dueAt.getTime() > begunAt + 2 * leaseMs && Date.now() > begunAt + leaseMs;
      });
      expect(await other.sql('SELECT attempts, dispatch_no FROM outbox_events')).toEqual([
        { attempts: 1, dispatch_no: 1 },
      ]);
      counter.released.add(thing);
      await until(() => counter.seen.includes(`held ${thing}`));
    } finally {
      await other.stop();
    }
  });

  it('takes the same dedupe key once, also when the first is done', async () => {
    const dedupeKey = newId();
    const enqueueOnce = () =>
      db().tx(systemContext, (tx) => outbox().enqueue(tx, count, { thing: dedupeKey }, { dedupeKey }));
    const first = await enqueueOnce();
    await until(() => seen().includes(`count ${dedupeKey}`));
    expect(first).toBeDefined();
    expect(await enqueueOnce()).toBeUndefined();
  });
});
