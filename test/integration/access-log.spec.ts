import { CancellationModule } from '../../src/modules/cancellation/index.js';
import { DeskModule } from '../../src/modules/desk/index.js';
import { DirectoryModule } from '../../src/modules/directory/index.js';
import { EnrollmentModule } from '../../src/modules/enrollment/index.js';
import { OrdersModule } from '../../src/modules/orders/index.js';
import { PaymentsModule } from '../../src/modules/payments/index.js';
import { PrescriptionsModule } from '../../src/modules/prescriptions/index.js';
import { ShippingModule } from '../../src/modules/shipping/index.js';
import { WebhookInbox, WebhooksModule } from '../../src/modules/webhooks/index.js';
import { Keyring } from '../../src/platform/crypto/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { FrozenClock } from '../support/frozen-clock.js';
import { insertRow } from '../support/looker.js';
import { insertPharmacy } from '../support/pharmacy.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { insertPrescription } from '../support/prescription-rows.js';
import { surroundings } from '../support/surroundings.js';

interface Entry {
  id: string;
  who: { role: string; name: string; self: boolean };
  action: string;
  data: string;
  from: string | null;
}

interface LogPage {
  items: Entry[];
  nextCursor: string | null;
}

describe('GET /api/me/access-log', () => {
  const clock = new FrozenClock();
  let app: ModuleApp;
  let [ann, ben, providerId, pharmacyId] = ['', '', '', ''];
  let prescriptionId: string;
  let who: Record<'ann' | 'ben' | 'doctor' | 'pharmacy' | 'ops' | 'admin', string>;

  const call = (path: string, authorization: string, remoteAddress = '192.0.2.77') => {
    clock.advance(10);
    return app.app.inject({ url: `/api/${path}`, headers: { authorization }, remoteAddress });
  };
  const log = async (authorization = who.ann, query = ''): Promise<LogPage> =>
    (await call(`me/access-log${query}`, authorization)).json<LogPage>();
  /** Without the looks at the log itself. */
  const looks = async (authorization = who.ann) =>
    (await log(authorization)).items.filter(({ data }) => data !== 'access-log');

  const patient = async (firstName: string, organizationId = app.organizationId): Promise<string> => {
    const id = newId();
    const profile = { firstName, lastName: 'Marsh', birthDate: '1980-02-29' };
    await insertRow(app.sql, 'patients', {
      id,
      organization_id: organizationId,
      first_name: firstName,
      last_name: 'Marsh',
      profile_sealed: app
        .get(Keyring)
        .seal({ table: 'patients', column: 'profile_sealed', row: id }, JSON.stringify(profile)),
      created_at: clock.now(),
      updated_at: clock.now(),
    });
    return id;
  };

  beforeAll(async () => {
    app = await startModules(await surroundings('access-log'), {
      modules: [
        DirectoryModule,
        DeskModule,
        PrescriptionsModule,
        EnrollmentModule,
        PaymentsModule,
        CancellationModule,
        WebhooksModule,
        ShippingModule,
        OrdersModule,
      ],
      clock,
    });
    await app.sql(`UPDATE organizations SET brand = 'Sunrise' WHERE id = $1`, [app.organizationId]);
    [ann, ben, providerId] = [await patient('Ann'), await patient('Ben'), newId()];
    const owned = { organization_id: app.organizationId, created_at: clock.now() };
    await insertRow(app.sql, 'providers', { ...owned, id: providerId, npi: '1', first_name: 'Dora', last_name: 'Lee' });
    pharmacyId = await insertPharmacy(app.sql, app.organizationId, { created_at: clock.now() });
    const order = { patient: {}, prescriber: {}, medication: { description: 'Secretol 10 mg' } };
    const columns = { state: 'processing', provider_id: providerId, pharmacy_id: pharmacyId };
    prescriptionId = await insertPrescription(app, { ...columns, patient_id: ann }, order);
    await insertPrescription(app, { ...columns, patient_id: ben }, order);
    // The ticket's thread comes with its parties.
    await app.sql(
      'UPDATE healthcare_tickets t SET patient_id = p.patient_id FROM prescriptions p WHERE p.ticket_id = t.id AND p.id = $1',
      [prescriptionId],
    );
    who = {
      ann: await app.user('patient', { patientId: ann }),
      ben: await app.user('patient', { patientId: ben }),
      doctor: await app.user('doctor', { providerId }),
      pharmacy: await app.user('pharmacy', { pharmacyId }),
      ops: await app.user('ops'),
      admin: await app.user('admin'),
    };
  });
  afterAll(() => app.stop());

  it('tells who looked at what, when and from where, newest first', async () => {
    const begin = clock.now().toISOString();
    expect((await call(`prescriptions/${prescriptionId}`, who.doctor)).statusCode).toBe(200);
    expect((await call('prescriptions', who.pharmacy)).statusCode).toBe(200);
    expect((await call(`patients/${ann}`, who.ops)).statusCode).toBe(200);
    expect((await call(`patients/${ann}/coverages`, who.admin, '2001:db8:1:2::3')).statusCode).toBe(200);
    expect((await call(`prescriptions/${prescriptionId}`, who.ann)).statusCode).toBe(200);
    const [ticket] = await app.sql<{ id: string }>('SELECT ticket_id AS id FROM prescriptions WHERE id = $1', [
      prescriptionId,
    ]);
    expect((await call(`tickets/${ticket?.id ?? ''}`, who.ops)).statusCode).toBe(200);
    const [thread] = await app.sql<{ id: string }>('SELECT id FROM chat_threads WHERE ticket_id = $1', [ticket?.id]);
    expect((await call(`threads/${thread?.id ?? ''}/messages`, who.ops)).statusCode).toBe(200);
    const staff = (role: string) => ({ role, name: 'Sunrise', self: false });
    const seen = (await log()).items;
    expect(seen).toMatchObject([
      { who: staff('ops'), action: 'read', data: 'messages' },
      // One call for the ticket with what was ordered and said.
      { who: staff('ops'), action: 'read', data: 'ticket', from: '192.0.2.0/24' },
      { who: staff('ops'), action: 'read', data: 'messages' },
      { who: staff('ops'), action: 'read', data: 'prescription' },
      { who: { role: 'patient', self: true }, action: 'read', data: 'prescription', from: '192.0.2.77' },
      { who: staff('admin'), action: 'read', data: 'insurance', from: '2001:db8:1::/48' },
      { who: staff('ops'), action: 'read', data: 'personal-details' },
      { who: { role: 'pharmacy', name: 'Corner Pharmacy', self: false }, action: 'search', data: 'prescription' },
      { who: { role: 'doctor', name: 'Dora Lee', self: false }, action: 'read', data: 'prescription' },
    ]);
    const times = seen.map((entry) => (entry as unknown as { occurredAt: string }).occurredAt);
    expect(times.every((at) => at > begin)).toBe(true);
  });

  it('shows a list with several patients to each of them, without the ids of the others', async () => {
    expect(await looks(who.ben)).toMatchObject([{ who: { name: 'Corner Pharmacy' }, action: 'search' }]);
    const answer = (await call('me/access-log', who.ben)).payload;
    for (const id of [ann, prescriptionId, providerId]) expect(answer).not.toContain(id);
  });

  it('leaves out writes and denials', async () => {
    const before = await looks();
    const entry = {
      organization_id: app.organizationId,
      actor_kind: 'user',
      entity: 'patient',
      entity_ids: [ann],
      occurred_at: clock.now(),
    };
    await insertRow(app.sql, 'audit_entries', { ...entry, id: newId(), action: 'write', outcome: 'success' });
    await insertRow(app.sql, 'audit_entries', { ...entry, id: newId(), action: 'read', outcome: 'denied' });
    expect(await looks()).toEqual(before);
  });

  it('tells who looked at the bills', async () => {
    const invoiceId = newId();
    const owed = { status: 'open', amount_cents: 1500, currency: 'USD', description: 'Your order' };
    const belongs = { organization_id: app.organizationId, prescription_id: prescriptionId, created_at: clock.now() };
    await insertRow(app.sql, 'invoices', { id: invoiceId, number: 'INV-1', ...owed, ...belongs });
    const before = (await looks()).length;
    for (const path of ['invoices', `invoices/${invoiceId}`, `prescriptions/${prescriptionId}/payment`])
      expect((await call(path, who.ops)).statusCode).toBe(200);
    const seen = await looks();
    expect(seen.slice(0, 3)).toMatchObject(
      ['read', 'read', 'search'].map((action) => ({ who: { role: 'ops' }, action, data: 'payment' })),
    );
    expect(seen).toHaveLength(before + 3);
  });

  it('tells who looked at what a store reported of the patient', async () => {
    const [orderId, contactId, customerId, other] = [newId(), newId(), newId(), newId()];
    const owned = { organization_id: app.organizationId };
    const born = { ...owned, created_at: clock.now() };
    await insertRow(app.sql, 'customers', { ...born, id: customerId, identity: 'ann', patient_id: ann });
    await insertRow(app.sql, 'customers', { ...born, id: other, identity: 'somebody' });
    await insertRow(app.sql, 'customer_contacts', {
      ...owned,
      id: contactId,
      customer_id: customerId,
      patient_id: ann,
      fingerprint: 'ann',
      contact_sealed: app
        .get(Keyring)
        .seal({ table: 'customer_contacts', column: 'contact_sealed', row: contactId }, '{}'),
      said_at: clock.now(),
    });
    const told = { ...born, contact_id: contactId, status_at: clock.now() };
    await insertRow(app.sql, 'orders', { ...told, id: orderId, status: 'approved', placed_at: clock.now() });
    await insertRow(app.sql, 'order_reports', {
      ...owned,
      id: newId(),
      order_id: orderId,
      contact_id: contactId,
      digest: 'placed',
      said_at: clock.now(),
      part_sealed: Buffer.alloc(1),
      webhook_event_id: newId(),
    });
    const paused = { external_id: 's-1', status: 'paused', reminders_suppressed: true };
    await insertRow(app.sql, 'subscriptions', { ...told, id: newId(), ...paused });
    const pair = { customer_id: customerId, other_customer_id: other, reason: 'email' };
    await insertRow(app.sql, 'customer_reviews', { ...born, id: newId(), ...pair });
    const before = (await looks()).length;
    for (const path of [`orders/${orderId}`, 'orders', 'subscriptions', 'customers/reviews'])
      expect((await call(path, who.ops)).statusCode).toBe(200);
    const seen = await looks();
    expect(seen.slice(0, seen.length - before)).toMatchObject([
      { action: 'search', data: 'personal-details' },
      { action: 'search', data: 'order' },
      { action: 'search', data: 'order' },
      { action: 'read', data: 'order' },
    ]);
  });

  it('tells who opened what a vendor sent about the patient', async () => {
    const event = { source: 'probe', dedupeKey: newId(), eventType: 'probe', raw: Buffer.from('{}'), headers: {} };
    const { eventId } = await app.get(WebhookInbox).receive(event);
    await app.sql('UPDATE webhook_events SET organization_id = $2, related = $3 WHERE id = $1', [
      eventId,
      app.organizationId,
      JSON.stringify({ orderId: '77', prescriptionIds: [prescriptionId] }),
    ]);
    const before = (await looks()).length;
    expect((await call(`webhook-events/${eventId}?reveal=true`, who.ops)).statusCode).toBe(200);
    expect((await looks()).slice(0, -before)).toMatchObject([{ who: { role: 'ops' }, action: 'read', data: 'other' }]);
  });

  it('is itself written into the trail and into the log', async () => {
    const [last] = (await log()).items;
    expect(last).toMatchObject({ who: { role: 'patient', self: true }, action: 'read', data: 'access-log' });
    const [audited] = await app.sql<{ ids: string[] }>(
      `SELECT entity_ids AS ids FROM audit_entries WHERE entity = 'access_log' ORDER BY occurred_at DESC, id DESC LIMIT 1`,
    );
    expect(audited?.ids).toEqual([ann]);
  });

  it('is read in pages that neither miss nor repeat, while looking adds to it', async () => {
    const all = (await log()).items.map(({ id }) => id);
    const paged: string[] = [];
    let page = await log(who.ann, '?limit=2');
    // The look above stands at the top by now.
    expect(page.items.map(({ id }) => id).slice(1)).toEqual(all.slice(0, 1));
    paged.push(...page.items.map(({ id }) => id));
    while (page.nextCursor !== null) {
      page = await log(who.ann, `?limit=2&cursor=${page.nextCursor}`);
      paged.push(...page.items.map(({ id }) => id));
    }
    expect(paged.slice(1)).toEqual(all);
    expect((await call('me/access-log?cursor=nonsense', who.ann)).json()).toMatchObject({ code: 'request.invalid' });
  });

  it('is for patients only', async () => {
    for (const authorization of [
      who.doctor,
      who.pharmacy,
      who.ops,
      who.admin,
      await app.user('auditor'),
      await app.key(),
    ])
      expect((await call('me/access-log', authorization)).statusCode).toBe(403);
  });

  it('shows nothing of a patient with the same id in another organization', async () => {
    const organizationId = await app.organization();
    const stranger = await app.user('patient', { organizationId, patientId: ann });
    expect(await looks(stranger)).toEqual([]);
  });

  describe('row-level security', () => {
    const visible = (context: Record<string, string>) =>
      app.db.query<{ entity_ids: string[]; action: string; organization_id: string }>(
        { organization: app.organizationId, user: newId(), ...context },
        'SELECT * FROM audit_entries',
      );

    it('keeps a patient to looks at the own record, whatever the query asks for', async () => {
      const rows = await visible({ role: 'patient', patient: ben });
      expect(rows.length).toBeGreaterThan(0);
      const own = await app.sql<{ id: string }>('SELECT unnest(patient_record_ids($1)) AS id', [ben]);
      const ids = new Set(own.map(({ id }) => id));
      expect(rows.every(({ entity_ids, action }) => action !== 'write' && entity_ids.some((id) => ids.has(id)))).toBe(
        true,
      );
      expect(own.map(({ id }) => id)).not.toContain(prescriptionId);
    });

    it.each([
      ['a doctor', () => ({ role: 'doctor', provider: providerId })],
      ['a pharmacy', () => ({ role: 'pharmacy', pharmacy: pharmacyId })],
      ['operations', () => ({ role: 'ops' })],
      ['a patient without a record', () => ({ role: 'patient' })],
      ['an admin of another organization', () => ({ role: 'admin', organization: newId() })],
      ['the platform itself, outside the role of the sealer', () => ({ role: 'system' })],
    ])('shows %s nothing', async (_who, context) => {
      expect(await visible(context())).toEqual([]);
    });

    it('shows an admin and an auditor the whole organization and no other', async () => {
      const [{ count } = { count: 0 }] = await app.sql<{ count: number }>(
        'SELECT count(*)::int AS count FROM audit_entries WHERE organization_id = $1',
        [app.organizationId],
      );
      for (const role of ['admin', 'auditor']) expect(await visible({ role })).toHaveLength(count);
    });
  });
});
