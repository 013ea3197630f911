import { loadConfig } from '../../config/index.js';
import { examine } from '../../src/commands/doctor/examine.js';
import type { Finding } from '../../src/commands/doctor/finding.js';
import { newId } from '../../src/platform/ids/index.js';
import type { TestSandbox } from '../support/sandbox.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';

const of = (findings: readonly Finding[], area: string) => findings.filter((finding) => finding.area === area);

describe('doctor', () => {
  let around: Surroundings;
  let sandbox: TestSandbox;

  beforeAll(async () => {
    around = await surroundings('doctor');
    sandbox = await around.sandbox();
  });
  afterAll(async () => {
    await around.cleanup.run();
  });

  const seen = (
    env: Record<string, string>,
    databaseUrl = around.database.databaseUrl,
    queueUrl = around.database.queueUrl,
  ) =>
    examine(loadConfig({ NODE_ENV: 'test', DATA_DIR: around.folder, PUBLIC_URL: 'http://127.0.0.1:9', ...env }), {
      databaseUrl,
      queueUrl,
      kind: 'external',
    });

  it('finds every vendor of the sandbox in order, and database, queue and storage too', async () => {
    const findings = await seen(sandbox.settings);
    expect(findings.filter(({ level }) => level === 'broken')).toEqual([]);
    const areas = [
      'database',
      'migrations',
      'queue',
      'storage',
      'stripe',
      'twilio',
      'shippo',
      'lifefile',
      'claim-switch',
      'email',
    ];
    for (const area of areas) expect(of(findings, area)).toMatchObject([{ level: 'ok' }]);
    expect(of(findings, 'webhook address')).toMatchObject([{ level: 'warn' }]);
    expect(of(findings, 'label senders')).toMatchObject([{ level: 'ok' }]);
    expect(of(findings, 'failed items')).toMatchObject([{ level: 'ok', found: 'none' }]);
  });

  it('says of the queues that they answer and that their role may too much', async () => {
    const { databaseUrl, superuserUrl } = around.database;
    const findings = of(await seen({}, databaseUrl, superuserUrl), 'queue');
    expect(findings.map(({ level }) => level)).toEqual(['ok', 'broken', 'broken']);
    expect(findings.map(({ found }) => found).join()).toMatch(/is a superuser.*bypasses row-level security/);
  });

  it('names failed work of no organization apart by its reason, and who sees it', async () => {
    const organizationId = newId();
    const eventId = newId();
    await around.sql(
      `INSERT INTO webhook_events (id, organization_id, source, dedupe_key, event_type, status, raw_sealed, headers_sealed, received_at)
       VALUES ($1, $2, 'shippo', 'x', 'track_updated', 'failed', '', '', '2026-11-20T10:00:00Z')`,
      [eventId, organizationId],
    );
    const letters: readonly [reason: string, organization: string | null, event?: string][] = [
      ['carrier.gone', null],
      ['carrier.gone', null],
      ['carrier.gone', organizationId],
      ['vendor.answer', null],
      ['vendor.off', null, eventId],
    ];
    for (const [reason, organization, event] of letters) {
      await around.sql(
        `INSERT INTO dead_letters (id, outbox_id, subscriber, queue, organization_id, reason, aggregate_id, attempts, created_at)
         VALUES ($1, $1, 'webhooks.process', 'webhooks', $2, $3, $4, 1, '2026-11-20T10:00:00Z')`,
        [newId(), organization, reason, event ?? null],
      );
    }
    const found = of(await seen({}), 'failed items');
    await around.sql('DELETE FROM dead_letters');
    await around.sql('DELETE FROM webhook_events');
    const oldest = 'oldest 2026-11-20T10:00:00.000Z';
    expect(found.map(({ found }) => found).sort()).toEqual([
      `1 × dead letter: webhooks.process, carrier.gone; ${oldest}`,
      `1 × dead letter: webhooks.process, vendor.answer, of no organization; ${oldest}`,
      `1 × dead letter: webhooks.process, vendor.off; ${oldest}`,
      `2 × dead letter: webhooks.process, carrier.gone, of no organization; ${oldest}`,
    ]);
    for (const { found: text, next = '' } of found) {
      expect(next.includes('administrators')).toBe(text.includes('no organization'));
    }
  });

  it('counts a call that gave no answer as unknown also while it is asked about again, or when its worker is gone', async () => {
    const rows: readonly (readonly [state: string, code: string | null, held: string])[] = [
      ['unknown', 'unanswered', '-1 min'],
      ['sent', 'unanswered', '1 min'],
      ['sent', null, '-1 min'],
      // The first try is under way.
      ['sent', null, '1 min'],
      ['refused', 'vendor.401', '-1 min'],
      ['confirmed', null, '-1 min'],
    ];
    for (const [state, code, held] of rows) {
      await around.sql(
        `INSERT INTO effects (key, kind, state, request_hash, error_code, aggregate_id, organization_id, attempts, held_until,
           created_at, updated_at)
         VALUES ($1::uuid::text, 'spec.thing', $2, 'h', $3, $1::uuid, $1::uuid, 1, now() + $4::interval, '2026-11-20T10:00:00Z', now())`,
        [newId(), state, code, held],
      );
    }
    const found = of(await seen({}), 'failed items');
    await around.sql('DELETE FROM effects');
    const counted = '3 × unknown effect: spec.thing, unanswered; oldest 2026-11-20T10:00:00.000Z';
    expect(found).toMatchObject([{ level: 'warn', found: counted }]);
  });

  it('names what is wrong and goes on with the rest', async () => {
    const findings = await seen(
      { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRET: 'whsec_x', STRIPE_API_BASE: 'http://127.0.0.1:9' },
      'postgres://nobody:x@127.0.0.1:9/none',
    );
    expect(of(findings, 'database')).toMatchObject([{ level: 'broken', found: 'failed: ECONNREFUSED' }]);
    expect(of(findings, 'stripe')).toMatchObject([{ level: 'broken' }]);
    expect(of(findings, 'twilio')).toMatchObject([{ level: 'note', found: 'off' }]);
    expect(of(findings, 'queue')).toMatchObject([{ level: 'ok' }]);
  });

  it('refuses to call a superuser in order', async () => {
    const findings = await seen({}, around.database.superuserUrl);
    expect(of(findings, 'database').map(({ level }) => level)).toContain('broken');
  });
});
