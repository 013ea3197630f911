import { DirectoryModule, Patients } from '../../src/modules/directory/index.js';
import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { OptOutsStore } from '../../src/modules/notifications/opt-outs.store.js';
import { Prescriptions, PrescriptionsModule, systemActor } from '../../src/modules/prescriptions/index.js';
import { WebhooksModule, WebhookSources } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { insertPrescription } from '../support/prescription-rows.js';
import type { TestSandbox } from '../support/sandbox.js';
import { surroundings } from '../support/surroundings.js';
import { eventually, until } from '../support/until.js';

interface Text {
  id: string;
  patientId: string | null;
  prescriptionId: string | null;
  notificationId: string | null;
  meaning: string;
  text: string;
  handledAt: string | null;
}

describe('what patients answer by text message', () => {
  let app: ModuleApp;
  let sandbox: TestSandbox;
  let ops: string;
  let count = 0;

  beforeAll(async () => {
    const around = await surroundings('texts');
    sandbox = await around.sandbox();
    app = await startModules(around, {
      modules: [DirectoryModule, PrescriptionsModule, WebhooksModule, NotificationsModule],
      works: true,
      env: sandbox.settings,
    });
    ops = await app.user('ops');
  });
  afterAll(async () => {
    await app.stop();
  });

  const patient = async (phone: string, organizationId = app.organizationId): Promise<string> => {
    count += 1;
    const { patientId } = await app.db.tx(systemContext, (tx) =>
      app.get(Patients).matchPatient(tx, organizationId, {
        externalId: `p-${count}`,
        firstName: 'Alex',
        lastName: `Sample${'abcdefghijklmnop'[count] ?? ''}`,
        birthDate: new Date(Date.UTC(1950, 0, count)).toISOString().slice(0, 10),
        phone,
      }),
    );
    return patientId;
  };
  /** A patient whose order came, and who was told so. */
  const told = async (phone: string, organizationId = app.organizationId) => {
    const patientId = await patient(phone, organizationId);
    const prescriptionId = await insertPrescription(app, {
      organization_id: organizationId,
      patient_id: patientId,
      state: 'in_transit',
    });
    await app.db.tx(systemContext, (tx) =>
      app.get(Prescriptions).report(tx, {
        id: prescriptionId,
        action: 'deliver',
        actor: systemActor,
        trigger: 'webhook',
        occurredAt: new Date(),
        sourceKey: 'deliver',
      }),
    );
    await until(
      async () =>
        (
          await app.sql('SELECT 1 FROM notifications WHERE prescription_id = $1 AND sent_at IS NOT NULL', [
            prescriptionId,
          ])
        ).length > 0,
    );
    return { patientId, prescriptionId };
  };
  const says = (from: string, body: string) =>
    sandbox.post('/_sandbox/twilio/inbound', { from, to: '+15005550006', body });
  const list = async (authorization = ops, query = ''): Promise<Text[]> => {
    const answer = await fetch(`${app.url}/api/inbound-texts${query}`, { headers: { authorization } });
    return ((await answer.json()) as { items: Text[] }).items;
  };
  const arrives = (text: string, authorization = ops) =>
    eventually(async () => (await list(authorization)).find((one) => one.text === text));
  const optOuts = async (source: string) =>
    (await app.sql('SELECT 1 FROM opt_outs WHERE ended_at IS NULL AND source = $1', [source])).length;

  it('is kept, sealed, with the message it answers, for staff to see to', async () => {
    const phone = '+12025550161';
    const { patientId, prescriptionId } = await told(phone);
    const words = 'Could you leave it at the back door next time?';
    await says(phone, words);
    const text = await arrives(words);
    expect(text).toMatchObject({ patientId, prescriptionId, meaning: 'words', handledAt: null });
    expect(text.notificationId).not.toBeNull();
    expect(
      await app.sql("SELECT 1 FROM inbound_texts WHERE position(convert_to($1, 'UTF8') IN body_sealed) > 0", [
        'back door',
      ]),
    ).toEqual([]);
    const heard = await app.sql<{ payload: object }>(
      `SELECT payload FROM outbox_events WHERE event = 'text_received' AND aggregate_id = $1`,
      [prescriptionId],
    );
    expect(heard.map(({ payload }) => payload)).toEqual([
      { textId: text.id, status: 'words', prescriptionId, notificationId: text.notificationId },
    ]);

    const handle = () =>
      fetch(`${app.url}/api/inbound-texts/${text.id}/handle`, { method: 'POST', headers: { authorization: ops } });
    const first = (await (await handle()).json()) as Text;
    expect(first.handledAt).not.toBeNull();
    expect(((await (await handle()).json()) as Text).handledAt).toBe(first.handledAt);
    expect((await list(ops, '?open=true')).map(({ id }) => id)).not.toContain(text.id);
  });

  it('belongs to the organization that wrote last, and to nobody else', async () => {
    const phone = '+12025550162';
    const elsewhere = await app.organization();
    await told(phone);
    await told(phone, elsewhere);
    await says(phone, 'Which order is that?');
    const theirs = await app.user('ops', { organizationId: elsewhere });
    await arrives('Which order is that?', theirs);
    expect((await list()).map(({ text }) => text)).not.toContain('Which order is that?');
  });

  it('takes consent back in any words, at once, and somebody looks at it', async () => {
    const phone = '+12025550163';
    await told(phone);
    const words = 'please quit sending me these texts';
    await says(phone, words);
    expect(await arrives(words)).toMatchObject({ meaning: 'revocation', handledAt: null });
    expect(await optOuts('sms.words')).toBe(1);
    await says(phone, 'Yes');
    expect(await arrives('Yes')).toMatchObject({ meaning: 'start' });
    expect(await optOuts('sms.words')).toBe(0);
  });

  it('keeps the keywords too, which need nobody', async () => {
    const phone = '+12025550164';
    await told(phone);
    for (const [word, meaning] of [
      ['stop', 'stop'],
      ['Start', 'start'],
      ['help', 'help'],
    ] as const) {
      await says(phone, word);
      const text = await arrives(word);
      expect(text).toMatchObject({ meaning });
      expect(text.handledAt).not.toBeNull();
    }
  });

  it('is words when a YES gives nothing back', async () => {
    const phone = '+12025550165';
    await told(phone);
    await says(phone, 'YES!');
    expect(await arrives('YES!')).toMatchObject({ meaning: 'words', handledAt: null });
  });

  it('waits for a person when nobody here has that number, and STOP counts all the same', async () => {
    await says('+12025550199', 'Who is this?');
    const parked = await eventually(async () => {
      const rows = await app.sql<{ error_code: string }>(
        `SELECT error_code FROM webhook_events WHERE source = 'twilio-inbound' AND status = 'parked'`,
      );
      return rows[0];
    });
    expect(parked).toEqual({ error_code: 'sms.sender-unknown' });
    await says('+12025550199', 'STOP');
    await until(async () => (await optOuts('sms.stop')) === 1);
  });

  it('takes back that nothing can arrive at the number it comes from', async () => {
    const phone = '+12025550167';
    const store = app.get(OptOutsStore);
    await app.db.tx(systemContext, (tx) => store.add(tx, phone, 'unreachable', 'sms.unreachable'));
    await says(phone, 'It works again');
    await until(() => app.db.tx(systemContext, async (tx) => !(await store.of(tx, phone)).unreachable));
  });

  it('names no patient when several share the phone and none was written to', async () => {
    const phone = '+12025550166';
    await patient(phone);
    await patient(phone);
    await says(phone, 'Hello?');
    expect(await arrives('Hello?')).toMatchObject({ patientId: null, notificationId: null });
  });

  it('counts by the time it was said, whatever order it is heard in and however often', async () => {
    const source = app.get(WebhookSources).of('twilio-inbound');
    const said = (body: string, minute: number) => ({ body, receivedAt: new Date(Date.UTC(2026, 10, 20, 10, minute)) });
    const [stop, start, again] = [said('STOP', 1), said('START', 2), said('stop all', 3)];
    const standsAfter = async (heard: readonly { body: string; receivedAt: Date }[]) => {
      count += 1;
      const from = `+1202555${String(3000 + count)}`;
      for (const { body, receivedAt } of heard) {
        const raw = Buffer.from(new URLSearchParams({ From: from, Body: body }).toString());
        await source?.handle({
          id: newId(),
          source: 'twilio-inbound',
          eventType: 'inbound',
          raw,
          headers: {},
          receivedAt,
        });
      }
      return app.db.tx(systemContext, async (tx) => (await app.get(OptOutsStore).of(tx, from)).optedOut);
    };
    expect(await standsAfter([stop, start])).toBe(false);
    expect(await standsAfter([start, stop])).toBe(false);
    expect(await standsAfter([stop, start, stop])).toBe(false);
    expect(await standsAfter([stop, start, again, start])).toBe(true);
    expect(await standsAfter([again, start, stop, start])).toBe(true);
    expect(await standsAfter([start, again, stop])).toBe(true);
    const yes = said('YES', 4);
    expect(await standsAfter([stop, start, again, yes, again, yes])).toBe(false);
  });
});
