import { catalog } from '../../src/demo/catalog.js';
import { businessDateOf } from '../../src/modules/validation/business-date.js';
import { startTestApp, type TestApp } from '../support/app.js';

const admin = { email: 'admin@example.com', password: 'a long enough password' };

const cedar = {
  name: 'Cedar Pharmacy',
  npi: '1993999998',
  ncpdpId: '4500017',
  kind: 'platform_label',
  street: '500 Congress Ave',
  city: 'Austin',
  state: 'TX',
  zip: '78701',
  timeZone: 'America/Chicago',
  licensedStates: ['TX', 'OK'],
  schedules: ['III', 'IV', 'V'],
  forms: ['tablet', 'capsule'],
  networks: { '990011': 1 },
  dailyCapacity: 100,
  turnaroundHours: 24,
  dispensingFeeCents: 250,
};

const mary = {
  firstName: 'Mary',
  lastName: 'Example',
  birthDate: '1980-02-29',
  email: 'mary@example.com',
  phone: '+15125550100',
  address: { line1: '12 Oak St', city: 'Austin', state: 'TX', zip: '78701' },
};

const order = {
  writtenDate: businessDateOf(new Date(), 'America/New_York'),
  patient: { ...mary, birthDate: '1980-02-29', address: { ...mary.address, zip: '10001' } },
  prescriber: { npi: '1234567893', firstName: 'Aaron', lastName: 'Allen' },
  medication: {
    description: 'Lisinopril 10 mg tablet',
    ndc: '70000010130',
    quantity: 30,
    quantityUnit: 'C48542',
    daysSupply: 30,
    refills: 1,
    sig: 'Take 1 tablet by mouth once daily',
  },
};

interface Answer {
  status: number;
  body: Record<string, unknown> & {
    items?: Record<string, unknown>[];
    nextCursor?: string | null;
    errors?: { pointer: string; code: string }[];
  };
}

describe('the directory over HTTP', () => {
  let app: TestApp;
  let token = '';
  const call = async (method: string, path: string, body?: unknown, bearer = token): Promise<Answer> => {
    const response = await fetch(`${app.url}/api/${path}`, {
      method,
      headers: {
        ...(bearer !== '' && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  const signIn = async (account: { email: string; password: string }) =>
    String((await call('POST', 'auth/login', account, '')).body['accessToken']);
  const accountOf = async (role: string, link: object = {}) => {
    const account = { email: `${role}@example.com`, password: 'a long enough password' };
    expect((await call('POST', 'users', { ...account, role, ...link })).status).toBe(201);
    return await signIn(account);
  };

  beforeAll(async () => {
    app = await startTestApp({ sandbox: false, env: { ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password } });
    token = await signIn(admin);
  });
  afterAll(() => app.stop());

  it('lets an administrator change the own organization, and no other', async () => {
    const { body: other } = await call('POST', 'organizations', { name: 'Hillside' });
    const all = (await call('GET', 'organizations')).body['items'] as { id: string; name: string; brand: string }[];
    const own = all.find(({ id }) => id !== other['id']);
    const change = { supportPhone: '1-800-LAKES', scriptMailboxes: ['7000001', '7000002'], autoEnrollment: true };
    expect(await call('PATCH', `organizations/${own?.id ?? ''}`, change)).toMatchObject({
      status: 200,
      body: { ...change, name: own?.name, brand: own?.brand },
    });
    expect(await call('PATCH', `organizations/${String(other['id'])}`, change)).toMatchObject({ status: 404 });
    expect(await call('PATCH', `organizations/${own?.id ?? ''}`, { timeZone: 'Mars/Base' })).toMatchObject({
      status: 400,
    });
    await call('PATCH', `organizations/${own?.id ?? ''}`, { scriptMailboxes: [] });
  });

  it('lets an administrator add organizations and drug lines, and nobody else', async () => {
    const created = await call('POST', 'organizations', { name: 'Lakeside', timeZone: 'America/Chicago' });
    expect(created).toMatchObject({ status: 201, body: { brand: 'Lakeside', defaultPath: 'full' } });
    expect((await call('GET', `organizations/${String(created.body['id'])}`)).body).toEqual(created.body);
    const ops = await accountOf('ops');
    expect((await call('POST', 'organizations', { name: 'Mine' }, ops)).status).toBe(403);
    const drugs = catalog.map(
      ({ ndc, name, genericName, strength, form, unit, unitPriceCents, schedule, specialty }) => ({
        ...{ ndc, name, genericName, strength, form, unit, unitPriceCents, schedule, specialty },
      }),
    );
    expect((await call('POST', 'drugs', { drugs }, ops)).status).toBe(403);
    expect((await call('POST', 'drugs', { drugs })).body).toEqual({ stored: catalog.length });
    expect((await call('GET', 'drugs/70000-0101-30', undefined, ops)).body).toMatchObject({ ndc: '70000010130' });
    expect((await call('GET', 'drugs/7000001013')).body).toMatchObject({ code: 'drug.ndc-invalid' });
  });

  it('keeps pharmacies, changes single fields, and names every wrong one', async () => {
    const created = await call('POST', 'pharmacies', cedar);
    expect(created).toMatchObject({ status: 201, body: { ...cedar, openForOrders: true, priceFactor: 1 } });
    const path = `pharmacies/${String(created.body['id'])}`;
    expect((await call('PATCH', path, { openForOrders: false, dailyCapacity: 7 })).body).toMatchObject({
      ...cedar,
      openForOrders: false,
      dailyCapacity: 7,
    });
    expect((await call('GET', path)).body).toMatchObject({ dailyCapacity: 7 });
    expect((await call('GET', 'pharmacies?limit=1')).body.items).toHaveLength(1);
    expect((await call('POST', 'pharmacies', cedar)).body).toMatchObject({ code: 'pharmacy.already-exists' });
    const wrong = {
      ...cedar,
      npi: '1234567890',
      ncpdpId: '12',
      state: 'XX',
      zip: 'x',
      networks: { a: 1 },
      timeZone: 'Mars',
    };
    const refused = await call('POST', 'pharmacies', { ...wrong, phone: null, name: 'a\tb' });
    expect(refused.status).toBe(400);
    expect(new Set(refused.body.errors?.map(({ pointer }) => pointer))).toEqual(
      new Set(['/npi', '/ncpdpId', '/state', '/zip', '/networks', '/timeZone', '/phone', '/name']),
    );
    expect((await call('PATCH', path, { name: null })).status).toBe(400);
  });

  it('creates or gets a prescriber by NPI', async () => {
    const body = { npi: '1234567893', firstName: 'Aaron', lastName: 'Allen' };
    const [first, second] = [
      await call('POST', 'providers', body),
      await call('POST', 'providers', { ...body, dea: 'AA1234563' }),
    ];
    expect(second).toMatchObject({ status: 200, body: { id: first.body['id'], dea: 'AA1234563' } });
    expect((await call('GET', 'providers?npi=1234567893')).body.items).toHaveLength(1);
  });

  it('matches patients as prescriptions do, shows them to staff only, and lists doubts once', async () => {
    const created = await call('POST', 'patients', { ...mary, externalId: 'p-1' });
    expect(created).toMatchObject({ status: 200, body: { created: true, matchedBy: 'created' } });
    expect((await call('POST', 'patients', mary)).body).toMatchObject({ created: false, matchedBy: 'email' });
    const id = String(created.body['patientId']);
    expect((await call('GET', `patients/${id}`)).body).toMatchObject({ ...mary, externalId: 'p-1' });
    expect((await call('GET', 'patients?externalId=p-1')).body.items).toMatchObject([{ id }]);
    const doctor = await accountOf('doctor', { providerId: (await call('GET', 'providers')).body.items?.[0]?.['id'] });
    expect(await call('GET', `patients/${id}`, undefined, doctor)).toMatchObject({
      status: 404,
      body: { code: 'patient.not-found' },
    });
    expect((await call('GET', 'patients?externalId=p-1', undefined, doctor)).body.items).toEqual([]);

    expect((await call('GET', 'pharmacies', undefined, doctor)).body.items).toHaveLength(1);

    await call('POST', 'patients', { ...mary, firstName: 'Lea', birthDate: '2010-05-01' });
    const [review] = (await call('GET', 'patients/reviews')).body.items ?? [];
    expect(review).toMatchObject({ otherPatientId: id, reason: 'email_other_birth_date', resolvedAt: null });
    const resolve = () =>
      call('POST', `patients/reviews/${String(review?.['id'])}/resolve`, { resolution: 'different_people' });
    expect(await resolve()).toMatchObject({ status: 200, body: { resolution: 'different_people' } });
    expect(await resolve()).toMatchObject({ status: 409, body: { code: 'patient-review.already-resolved' } });
    const audited = await app.sql<{ action: string }>(
      `SELECT action FROM audit_entries WHERE entity = 'patient' AND $1 = ANY(entity_ids) ORDER BY occurred_at`,
      [id],
    );
    expect(audited.map(({ action }) => action)).toEqual(['write', 'write', 'read', 'search']);
  });

  it('shows findings and the ticket of a prescription, to those who may see it', async () => {
    const taken = await call('POST', 'intake', order);
    expect(taken.status).toBe(202);
    const path = `prescriptions/${String(taken.body['id'])}/findings`;
    const versions = await app.eventually(async () => {
      const found = (await call('GET', path)).body['versions'] as {
        validatedAt: string | null;
        blocked: boolean;
        findings: { code: string }[];
      }[];
      return found[0]?.validatedAt == null ? undefined : found;
    });
    expect(versions).toMatchObject([{ version: 1, blocked: true }]);
    expect(versions[0]?.findings.map(({ code }) => code)).toContain('patient.zip-outside-state');
    // its thread follows it in the background
    const ticket = await app.eventually(async () => {
      const read = await call('GET', `tickets/${String(taken.body['ticketId'])}`);
      return read.body['lastMessage'] === null ? undefined : read;
    });
    expect(ticket.body).toMatchObject({
      status: 'created',
      prescriptionId: taken.body['id'],
      lastMessage: { code: 'prescription.validation-failed' },
    });
    const { prescriptions, messages, ...listed } = ticket.body;
    expect((await call('GET', 'tickets?status=created&type=prescription&limit=1')).body.items).toEqual([listed]);
    expect(prescriptions).toMatchObject([{ id: taken.body['id'], current: { version: 1 } }]);
    expect(messages).toMatchObject({ items: [{ code: 'prescription.validation-failed' }] });
    expect((await call('GET', 'tickets?status=sent')).body.items).toEqual([]);
    const pharmacyId = (await call('GET', 'pharmacies')).body.items?.[0]?.['id'];
    const stranger = await accountOf('pharmacy', { pharmacyId });
    expect(await call('GET', path, undefined, stranger)).toMatchObject({ status: 404 });
    expect(await call('GET', `tickets/${String(taken.body['ticketId'])}`, undefined, stranger)).toMatchObject({
      status: 404,
      body: { code: 'ticket.not-found' },
    });
  });

  it('pages through tickets newest first without a gap, and shows a pharmacy its own only', async () => {
    const intake = (firstName: string) =>
      call('POST', 'intake', { ...order, patient: { ...order.patient, firstName, email: `${firstName}@example.com` } });
    for (const firstName of ['Ann', 'Ben', 'Cleo']) expect((await intake(firstName)).status).toBe(202);
    const all = await app.sql<{ id: string }>('SELECT id FROM healthcare_tickets ORDER BY created_at DESC, id DESC');
    const seen: unknown[] = [];
    let path: string | undefined = 'tickets?limit=2';
    while (path !== undefined) {
      const { body } = await call('GET', path);
      seen.push(...(body.items ?? []).map(({ id }) => id));
      path = typeof body.nextCursor === 'string' ? `tickets?limit=2&cursor=${body.nextCursor}` : undefined;
    }
    expect(seen).toEqual(all.map(({ id }) => id));
    const own = all[1]?.id;
    const pharmacyId = (await call('GET', 'pharmacies')).body.items?.[0]?.['id'];
    await app.sql('UPDATE healthcare_tickets SET secondary_provider_id = $1, sent_at = now() WHERE id = $2', [
      pharmacyId,
      own,
    ]);
    const pharmacy = await signIn({ email: 'pharmacy@example.com', password: 'a long enough password' });
    expect((await call('GET', 'tickets', undefined, pharmacy)).body.items?.map(({ id }) => id)).toEqual([own]);
    expect((await call('GET', `tickets/${String(all[0]?.id)}`, undefined, pharmacy)).status).toBe(404);
  });

  it('lets operations correct a patient, and a sender fill gaps only', async () => {
    const rose = {
      ...mary,
      externalId: 'corrected',
      lastName: 'Rosen',
      birthDate: '1971-05-06',
      email: 'old@example.com',
      phone: '+15125550188',
    };
    const { patientId } = (await call('POST', 'patients', rose)).body;
    const path = `patients/${String(patientId)}`;
    const pharmacy = await call('POST', 'pharmacies', { ...cedar, ncpdpId: '4500018' });
    const change = {
      email: 'New@example.com',
      address: { line1: '77 Newplace Rd', city: 'Dallas', state: 'TX', zip: '75201' },
      preferredPharmacyId: pharmacy.body['id'],
    };
    expect(await call('PATCH', path, change)).toMatchObject({
      status: 200,
      body: { ...change, email: 'new@example.com', phone: rose.phone, birthDate: rose.birthDate },
    });
    await call('POST', 'patients', rose);
    expect((await call('GET', path)).body).toMatchObject({ email: 'new@example.com', address: change.address });
    expect((await call('PATCH', path, { preferredPharmacyId: null })).body).toMatchObject({
      preferredPharmacyId: null,
    });
    const wrong: [object, number, string][] = [
      [{ address: { ...change.address, zip: '10001' } }, 422, 'patient.zip-outside-state'],
      [{ address: { zip: '75201' } }, 400, 'request.invalid'],
      [{ address: [] }, 400, 'request.invalid'],
      [{ address: [[]] }, 400, 'request.invalid'],
      [{ address: [change.address] }, 400, 'request.invalid'],
      [{ preferredPharmacyId: String(patientId) }, 404, 'pharmacy.not-found'],
      [{ birthDate: '1999-01-01' }, 400, 'request.invalid'],
      [{ email: null }, 400, 'request.invalid'],
    ];
    for (const [body, status, code] of wrong)
      expect(await call('PATCH', path, body)).toMatchObject({ status, body: { code } });
    const ofNobody = `patients/${String(pharmacy.body['id'])}`;
    expect(await call('PATCH', ofNobody, { phone: '+15125550143' })).toMatchObject({ status: 404 });
  });
});
