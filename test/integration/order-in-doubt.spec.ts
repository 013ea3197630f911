import { OpsModule } from '../../src/modules/ops/index.js';
import { sha256 } from '../../src/platform/crypto/index.js';
import { Effects } from '../../src/platform/effects/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { PartnerHandOver } from '../../src/modules/shipping/partner-hand-over.js';
import { insertRow } from '../support/looker.js';
import { startShippingApp, type ShippingApp, type ShippingAppOptions } from '../support/shipping-app.js';
import { until } from '../support/until.js';

/** An app whose orders to the partner pharmacy get lost, and what the test does there. */
function underTest(options: ShippingAppOptions) {
  const held: { app?: ShippingApp; key: string; ops: string } = { key: '', ops: '' };
  const theApp = () => {
    if (held.app === undefined) throw new Error('the app did not start');
    return held.app;
  };
  beforeAll(async () => {
    held.app = await startShippingApp({ modules: [OpsModule], ...options });
    held.key = await held.app.key();
    held.ops = await held.app.user('ops');
  });
  afterAll(() => theApp().stop());
  afterEach(async () => {
    await fetch(`${theApp().sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
  });
  const ask = async <T>(path: string, init: RequestInit = {}, authorization = held.key): Promise<T> => {
    const headers = { authorization, 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
    return (await (await fetch(`${theApp().url}${path}`, { ...init, headers })).json()) as T;
  };
  return {
    app: theApp,
    fault: (kind: string, match: object, times = 1) =>
      theApp().sandbox.post('/_sandbox/faults', { vendor: 'lifefile', kind, match, times }),
    why: (id: string) =>
      ask<{ waitsFor: string; next: string; code: string }>(`/api/prescriptions/${id}/why`, {}, held.ops),
    cancel: (id: string) =>
      ask(`/api/prescriptions/${id}/cancel`, { method: 'POST', body: '{"reason":"changed mind"}' }),
    /** Once it is there. */
    letter: (id: string, reason: string, answered: readonly string[] = []) =>
      theApp().eventually(async () => {
        const { items } = await ask<{ items: { id: string; reason: string; next: string | null; job: string }[] }>(
          `/api/dead-letters?prescriptionId=${id}`,
          {},
          held.ops,
        );
        return items.find((item) => item.reason === reason && !answered.includes(item.id));
      }),
    /** The jobs whose letters about it have that owner; all, when none is named. */
    lettersOf: async (id: string, owner?: string) => {
      const query = `prescriptionId=${id}${owner === undefined ? '' : `&owner=${owner}`}`;
      const path = `/api/dead-letters?${query}`;
      const { items } = await ask<{ items: { job: string; owner: string }[] }>(path, {}, held.ops);
      return items.map(({ job, owner: shown }) => [job, shown]);
    },
    redrive: (letterId: string) =>
      ask(`/api/dead-letters/${letterId}/redrive`, { method: 'POST', body: '{}' }, held.ops),
    importStatus: (item: object) =>
      ask<{ new: number }>(
        '/api/webhook-events/import?dryRun=false',
        {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          body: JSON.stringify({ source: 'lifefile', body: JSON.stringify(item) }),
        },
        held.ops,
      ),
    /** What the pharmacy has under our reference. */
    ordersThere: (id: string) =>
      theApp().ledger('lifefile', 'order', id) as Promise<unknown> as Promise<{ id: string }[]>,
    /** Its numbers, as far as we know of it. */
    placedFor: async (id: string) => {
      const sql = 'SELECT lifefile_order_id AS number FROM partner_orders WHERE prescription_id = $1';
      return (await theApp().sql<{ number: string }>(sql, [id])).map(({ number }) => number);
    },
    cancelsThere: (id: string) => theApp().ledger('lifefile', 'cancellation', id),
  };
}

const inDoubt = 'shipping.order-in-doubt';
const toBeTold = 'shipping.pharmacy-to-be-told';

describe('an order whose answer was lost, at a pharmacy that cannot be asked', () => {
  const { app, fault, why, cancel, letter, lettersOf, redrive, importStatus, ordersThere, placedFor, cancelsThere } =
    underTest({});

  it('is not sent again, and a person is told what to ask whom', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    const { next, job } = await letter(id, inDoubt);
    expect(job).toBe('shipping.hand_over');
    expect(next).toContain(`whether it has order reference ${id}`);
    expect(await why(id)).toMatchObject({
      waitsFor: expect.stringContaining('the answer to it was lost') as unknown,
      next: expect.stringMatching(/order reference .*POST \/api\/dead-letters\/.*\/redrive/) as unknown,
    });
    expect(await ordersThere(id)).toHaveLength(1);
  });

  it('is for operations to answer, and what only the installation can have failed at is not', async () => {
    const id = newId();
    const jobs = ['shipping.hand_over', 'webhooks.process', 'a.job_of_an_older_release'];
    for (const subscriber of jobs) {
      await insertRow(app().sql, 'dead_letters', {
        id: newId(),
        outbox_id: newId(),
        subscriber,
        queue: 'lifefile',
        aggregate_id: id,
        organization_id: app().organizationId,
        reason: 'spec.failed',
        attempts: 1,
        created_at: new Date(),
      });
    }
    const operations = [['shipping.hand_over', 'operations']];
    const platform = [
      ['a.job_of_an_older_release', 'platform'],
      ['webhooks.process', 'platform'],
    ];
    expect(await lettersOf(id)).toEqual([...platform, ...operations]);
    expect(await lettersOf(id, 'operations')).toEqual(operations);
    expect(await lettersOf(id, 'platform')).toEqual(platform);
  });

  it('is placed when a person says by the redrive that it is not there; when that is lost too, they are asked again', async () => {
    await fault('500_before', { method: 'POST' }, 2);
    const id = await app().ready({ kind: 'partner' });
    const first = await letter(id, inDoubt);
    expect(await ordersThere(id)).toEqual([]);
    await redrive(first.id);
    const second = await letter(id, inDoubt);
    expect(second.id).not.toBe(first.id);
    expect(await ordersThere(id)).toEqual([]);
    await redrive(second.id);
    await app().reaches(id, 'sent_to_pharmacy');
    expect(await ordersThere(id)).toHaveLength(1);
  });

  it('is found by a status that names its number: imported by a person, who redrives', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    const { id: letterId } = await letter(id, inDoubt);
    const [order] = await ordersThere(id);
    const orderId = order?.id ?? '';
    expect(await importStatus({ referenceId: id, orderId, rxStatus: 'Rx Scheduled' })).toMatchObject({ new: 1 });
    await app().reaches(id, 'pharmacy_received');
    await redrive(letterId);
    await until(async () => (await placedFor(id))[0] === orderId);
    expect(await ordersThere(id)).toHaveLength(1);
    await cancel(id);
    await until(async () => (await cancelsThere(id)).length === 1);
  });

  it('is placed by no later try on a word that was given for an earlier one, whatever the clock of whoever took it', async () => {
    await fault('500_before', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    const { id: letterId } = await letter(id, inDoubt);
    await app().sql(
      `UPDATE dead_letters SET redriven_at = now() + interval '1 hour' WHERE id = $1 AND redriven_at IS NULL`,
      [letterId],
    );
    await app().sql(`UPDATE effects SET updated_at = now() WHERE key = $1`, [`pharmacy-order:${id}`]);
    const again = { outboxId: newId(), attempt: 2, closed: false };
    await expect(app().get(PartnerHandOver).handOver(id, again)).rejects.toMatchObject({ code: inDoubt });
    expect(await ordersThere(id)).toEqual([]);
  });

  it('is not placed again by a redrive once the pharmacy has spoken of it without its number: the number settles it', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    const first = await letter(id, inDoubt);
    expect(first.next).toContain('asks again: import the orderId');
    await importStatus({ referenceId: id, rxNumber: '77', rxStatus: 'Rx Scheduled' });
    await app().reaches(id, 'pharmacy_received');
    await redrive(first.id);
    const second = await letter(id, inDoubt, [first.id]);
    expect(await ordersThere(id)).toHaveLength(1);
    const [order] = await ordersThere(id);
    await importStatus({ referenceId: id, orderId: order?.id ?? '', rxStatus: 'Rx Scheduled' });
    await redrive(second.id);
    await until(async () => (await placedFor(id)).length === 1);
    expect(await placedFor(id)).toEqual([order?.id]);
    expect(await ordersThere(id)).toHaveLength(1);
  });

  it('is cancelled where the pharmacy denies it after a status of its own, as its letter says', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    const first = await letter(id, inDoubt);
    await importStatus({ referenceId: id, rxNumber: '77', rxStatus: 'Rx Scheduled' });
    await app().reaches(id, 'pharmacy_received');
    await redrive(first.id);
    const { next } = await letter(id, inDoubt, [first.id]);
    expect(next).toContain(`cancel: POST /api/prescriptions/${id}/cancel`);
    await cancel(id);
    await redrive((await letter(id, toBeTold)).id);
    await until(async () => (await why(id)).code === 'cancellation.done');
    expect(await ordersThere(id)).toHaveLength(1);
  });

  it('is not placed again before what the pharmacy said until the redrive is read, nor while some of it cannot be', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    const first = await letter(id, inDoubt);
    const eventId = newId();
    await app().sql(
      `INSERT INTO webhook_events (id, source, dedupe_key, event_type, status, raw_sealed, headers_sealed, received_at)
       VALUES ($1, 'lifefile', $2, 'prescription.status.update', 'received', '', '', now())`,
      [eventId, `unread ${eventId}`],
    );
    await redrive(first.id);
    const waiting = `SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND last_error = 'shipping.reports-unread'`;
    await until(async () => (await app().sql(waiting, [id])).length === 1);
    await app().sql(`UPDATE webhook_events SET status = 'failed' WHERE id = $1`, [eventId]);
    const second = await letter(id, inDoubt, [first.id]);
    await app().sql(`UPDATE webhook_events SET status = 'ignored' WHERE id = $1`, [eventId]);
    expect(await ordersThere(id)).toHaveLength(1);
    await fetch(`${app().sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    // Nothing said, nothing unread: it is the person's word that counts.
    await redrive(second.id);
    await app().reaches(id, 'sent_to_pharmacy');
  });

  it('is found by what the pharmacy pushed itself, also where it was parked because nothing was handed over yet', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner', path: 'direct' });
    const { id: letterId } = await letter(id, inDoubt);
    const [order] = await ordersThere(id);
    await app().sandbox.post(`/_sandbox/lifefile/orders/${order?.id ?? ''}/advance`, { status: 'order_processing' });
    const parked = `SELECT 1 FROM webhook_events WHERE status = 'parked' AND related @> $1::jsonb`;
    await until(async () => (await app().sql(parked, [JSON.stringify({ prescriptionId: id })])).length === 1);
    await redrive(letterId);
    await app().reaches(id, 'processing');
    expect(await ordersThere(id)).toHaveLength(1);
  });

  it('is cancelled by a person, who says so by the redrive', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    await letter(id, inDoubt);
    await cancel(id);
    const { id: letterId, next } = await letter(id, toBeTold);
    expect(next).toContain(`cancel order reference ${id}, if it has it`);
    await redrive(letterId);
    await until(async () => (await why(id)).code === 'cancellation.done');
    expect(await cancelsThere(id)).toEqual([]);
    expect(await ordersThere(id)).toHaveLength(1);
  });

  it('is nobody’s to cancel when the pharmacy has cancelled it, be it without its number', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    await letter(id, inDoubt);
    await importStatus({ referenceId: id, rxNumber: '77', rxStatus: 'Cancelled' });
    const undone = `SELECT outcome FROM cancellation_steps WHERE prescription_id = $1 AND step = 'pharmacy_order'`;
    await until(async () => (await app().sql(undone, [id])).length === 1);
    expect(await app().sql(undone, [id])).toEqual([{ outcome: 'ended-by-pharmacy' }]);
    expect(await cancelsThere(id)).toEqual([]);
  });

  it('is one more try, and nobody’s to settle, when the pharmacy had only asked to be left alone', async () => {
    await fault('429', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    await app().reaches(id, 'sent_to_pharmacy');
    expect(await ordersThere(id)).toHaveLength(1);
  });
});

describe('an order at a pharmacy that takes no cancel from here', () => {
  const { app, why, cancel, letter, redrive, cancelsThere } = underTest({ env: { LIFEFILE_CANCEL_STATUS: '' } });

  it('is cancelled by a person, who says so by the redrive', async () => {
    const id = await app().ready({ kind: 'partner' });
    await app().reaches(id, 'sent_to_pharmacy');
    await cancel(id);
    const { id: letterId } = await letter(id, toBeTold);
    await redrive(letterId);
    await until(async () => (await why(id)).code === 'cancellation.done');
    const orders = await app().sql('SELECT cancelled_at FROM partner_orders WHERE prescription_id = $1', [id]);
    expect(orders).toEqual([{ cancelled_at: expect.any(Date) as unknown }]);
    expect(await cancelsThere(id)).toEqual([]);
  });
});

describe('an order whose answer was lost, at a pharmacy that can be asked', () => {
  const { app, fault, cancel, ordersThere, cancelsThere } = underTest({ orderLookup: true });

  it('is found there, and nobody has to do anything', async () => {
    await fault('500_after', { method: 'POST' });
    const id = await app().ready({ kind: 'partner' });
    await app().reaches(id, 'sent_to_pharmacy');
    expect(await ordersThere(id)).toHaveLength(1);
  });

  it('is cancelled there also when it was refused at first, and the process died while it was placed again', async () => {
    await fault('500_after', { method: 'POST' });
    await fault('500_before', { method: 'GET' }, 50);
    const id = await app().ready({ kind: 'partner' });
    const key = `pharmacy-order:${id}`;
    await app().eventually(async () =>
      (await app().sql(`SELECT 1 FROM effects WHERE key = $1 AND state = 'unknown'`, [key])).length > 0
        ? true
        : undefined,
    );
    await app().sql('UPDATE outbox_events SET done_at = now() WHERE aggregate_id = $1', [id]);
    await app().sql(`UPDATE effects SET state = 'refused', held_until = now() - interval '1 s' WHERE key = $1`, [key]);
    await new Promise<void>((begun) => {
      void app()
        .get(Effects)
        .once({
          key,
          kind: 'lifefile.order',
          requestHash: sha256(`pharmacy-order ${id}`),
          aggregateId: id,
          organizationId: app().organizationId,
          call: () => {
            begun();
            return new Promise<never>(() => undefined);
          },
        });
    });
    await app().sql(`UPDATE effects SET held_until = now() - interval '1 s' WHERE key = $1`, [key]);
    await fetch(`${app().sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    await cancel(id);
    await until(async () => (await cancelsThere(id)).length > 0, 10_000);
  });
});
