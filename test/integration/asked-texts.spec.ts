import { DirectoryModule, Patients } from '../../src/modules/directory/index.js';
import { SmsGateway } from '../../src/modules/notifications/gateways/sms.port.js';
import { TwilioGateway } from '../../src/modules/notifications/gateways/twilio.gateway.js';
import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { OptOutsStore } from '../../src/modules/notifications/opt-outs.store.js';
import { TextsReconciler } from '../../src/modules/notifications/texts.reconciler.js';
import { Prescriptions, PrescriptionsModule, systemActor } from '../../src/modules/prescriptions/index.js';
import { WebhookInbox, WebhooksModule } from '../../src/modules/webhooks/index.js';
import { Clock } from '../../src/platform/clock/index.js';
import { Database, systemContext } from '../../src/platform/db/index.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { insertPrescription } from '../support/prescription-rows.js';
import type { TestSandbox } from '../support/sandbox.js';
import { surroundings } from '../support/surroundings.js';
import { until } from '../support/until.js';

describe('texts whose webhooks never come', () => {
  let app: ModuleApp;
  let sandbox: TestSandbox;
  let count = 0;

  beforeAll(async () => {
    const around = await surroundings('asked');
    sandbox = await around.sandbox();
    app = await startModules(around, {
      modules: [DirectoryModule, PrescriptionsModule, WebhooksModule, NotificationsModule],
      works: true,
      // Twenty of these, and a report is late.
      env: { ...sandbox.settings, RECONCILE_EVERY_MS: '1' },
    });
  });
  afterAll(async () => {
    await app.stop();
  });
  afterEach(async () => {
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
  });

  const slot = '2026-11-20T10:30:00.000Z';
  const reconcile = () => app.get(TextsReconciler).run(slot);
  const lose = (event: string, times = 1) =>
    sandbox.post('/_sandbox/faults', { vendor: 'twilio', kind: 'drop_webhook', match: { event }, times });
  const says = async (from: string, body: string): Promise<string> => {
    const answer = await sandbox.post('/_sandbox/twilio/inbound', { from, to: '+15005550006', body });
    return ((await answer.json()) as { sid: string }).sid;
  };
  const events = (sid: string) =>
    app.sql<{ status: string; dedupe_key: string }>(
      `SELECT status, dedupe_key FROM webhook_events WHERE dedupe_key LIKE $1 || '%' ORDER BY id`,
      [sid],
    );
  const processed = (sid: string) => until(async () => (await events(sid))[0]?.status === 'processed');
  const refuses = async (phone: string) =>
    (await app.db.tx(systemContext, (tx) => app.get(OptOutsStore).of(tx, phone))).optedOut;
  const patient = async (phone: string): Promise<string> => {
    count += 1;
    const { patientId } = await app.db.tx(systemContext, (tx) =>
      app.get(Patients).matchPatient(tx, app.organizationId, {
        externalId: `p-${count}`,
        firstName: 'Alex',
        lastName: `Sample${'abcdefgh'[count] ?? ''}`,
        birthDate: `1950-01-0${count}`,
        phone,
      }),
    );
    return patientId;
  };

  it('are asked for and heeded, once, as if they had come', async () => {
    const phone = '+12025550171';
    await patient(phone);
    await lose('inbound');
    const sid = await says(phone, 'please stop texting me');
    expect(await refuses(phone)).toBe(false);
    await reconcile();
    await processed(sid);
    expect(await refuses(phone)).toBe(true);
    await reconcile();
    const [delivery] = (await (await fetch(`${sandbox.url}/_sandbox/webhooks`)).json()) as { id: number }[];
    await sandbox.post(`/_sandbox/webhooks/${delivery?.id ?? 0}/resend`);
    await until(async () => {
      const sent = (await (await fetch(`${sandbox.url}/_sandbox/webhooks`)).json()) as { status: string }[];
      return sent.at(-1)?.status === 'delivered';
    });
    expect(await events(sid)).toHaveLength(1);
    expect(await app.sql('SELECT meaning FROM inbound_texts')).toEqual([{ meaning: 'revocation' }]);
  });

  it('that did come are not taken again', async () => {
    const phone = '+12025550172';
    await patient(phone);
    const sid = await says(phone, 'Thank you!');
    await processed(sid);
    await reconcile();
    expect(await events(sid)).toHaveLength(1);
    expect(await app.sql(`SELECT meaning FROM inbound_texts WHERE meaning = 'words'`)).toHaveLength(1);
  });

  it('count for the time they were written at: who said START since is written to', async () => {
    const phone = '+12025550173';
    await lose('inbound');
    const lost = await says(phone, 'please stop texting me');
    // Twilio tells whole seconds.
    const start = await says(phone, 'START');
    await processed(start);
    await reconcile();
    await until(async () => (await events(lost)).length === 1 && (await events(lost))[0]?.status !== 'received');
    expect(await refuses(phone)).toBe(false);
  });

  const twoHoursMs = 7_200_000;
  it.each([
    ['and is asked for often', '+12025550174', 1, 0],
    ['and is asked for rarely', '+12025550175', twoHoursMs, twoHoursMs],
  ])(
    'are asked about when nothing was reported of them %s: who was not reached is known',
    async (_, phone, everyMs, aheadMs) => {
      const clock = { now: () => new Date(Date.now() + aheadMs) };
      const [gateway, inbox] = [app.get(SmsGateway), app.get(WebhookInbox)];
      const config = { RECONCILE_EVERY_MS: everyMs };
      const reconciler = new TextsReconciler(app.get(Database), clock, gateway, inbox, config);
      await sandbox.post('/_sandbox/twilio/undeliverable', { phone, errorCode: 30003 });
      await lose('', 1000);
      const id = await insertPrescription(app, { patient_id: await patient(phone), state: 'in_transit' });
      await app.db.tx(systemContext, (tx) =>
        app.get(Prescriptions).report(tx, {
          ...{ id, action: 'deliver', actor: systemActor, trigger: 'webhook', sourceKey: 'deliver' },
          occurredAt: new Date(),
        }),
      );
      const text = async () => {
        const [row] = await app.sql<{ status: string; failure_code: string | null; provider_id: string }>(
          `SELECT status, failure_code, provider_id FROM notifications WHERE prescription_id = $1 AND channel = 'sms'`,
          [id],
        );
        return row;
      };
      const told = async () =>
        (await (await fetch(`${sandbox.url}/_sandbox/twilio/messages?to=${encodeURIComponent(phone)}`)).json()) as {
          status: string;
        }[];
      await until(async () => (await told())[0]?.status === 'undelivered');
      await until(async () => (await text())?.status === 'sent');
      await until(async () => {
        await reconciler.run(slot);
        return (await text())?.status === 'failed';
      });
      const row = await text();
      expect(row).toMatchObject({ failure_code: 'twilio.30003' });
      await reconciler.run(slot);
      expect(await events(row?.provider_id ?? '')).toMatchObject([
        { dedupe_key: `${row?.provider_id ?? ''}undelivered` },
      ]);
    },
  );

  it('are no failure of ours when somebody deleted them at Twilio', async () => {
    const gateway = app.get(SmsGateway);
    expect(await gateway.report('SM00000000000000000000000000000404')).toBeUndefined();
  });

  it('are left alone without Twilio', async () => {
    const off = new TwilioGateway({
      TWILIO_ACCOUNT_SID: undefined,
      TWILIO_AUTH_TOKEN: undefined,
      TWILIO_PHONE_NUMBER: undefined,
      TWILIO_API_BASE: sandbox.settings['TWILIO_API_BASE'],
      PUBLIC_URL: undefined,
    });
    const reconciler = new TextsReconciler(app.get(Database), app.get(Clock), off, app.get(WebhookInbox), {
      RECONCILE_EVERY_MS: 1,
    });
    await expect(reconciler.run(slot)).resolves.toBeUndefined();
  });
});
