import { AuditModule } from '../../src/modules/audit/index.js';
import {
  DirectoryModule,
  Drugs,
  Organizations,
  Patients,
  Pharmacies,
  Providers,
} from '../../src/modules/directory/index.js';
import { PatientCorrections } from '../../src/modules/directory/patient-corrections.service.js';
import type { IdentifiedPatient, NewPharmacy } from '../../src/modules/directory/index.js';
import { Database, systemContext, type Tx } from '../../src/platform/db/index.js';
import { HttpPlatformModule } from '../../src/platform/http/http-platform.module.js';
import { newId } from '../../src/platform/ids/index.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';

const mary: IdentifiedPatient = {
  firstName: 'Mary',
  lastName: "O'Neil-Núñez",
  birthDate: '1980-02-29',
  gender: 'female',
  email: 'mary@example.com',
  phone: '+15125550100',
  address: { line1: '12 Oak St', city: 'Austin', state: 'TX', zip: '78701' },
};

const cedar: NewPharmacy = {
  name: 'Cedar Pharmacy',
  npi: '1993999998',
  ncpdpId: '4500017',
  kind: 'platform_label',
  street: '500 Congress Ave',
  city: 'Austin',
  state: 'TX',
  zip: '78701',
  timeZone: 'America/Chicago',
  licensedStates: ['TX'],
  schedules: ['IV'],
  forms: ['tablet'],
  networks: { '990011': 1 },
  dailyCapacity: 100,
  turnaroundHours: 24,
  dispensingFeeCents: 250,
  priceFactor: 1.05,
};

describe('the directory', () => {
  let platform: TestPlatform;
  let organizationId: string;
  const tx = <T>(work: (tx: Tx) => Promise<T>) => platform.get(Database).tx(systemContext, work);
  const match = (patient: IdentifiedPatient, organization = organizationId) =>
    tx((open) => platform.get(Patients).matchPatient(open, organization, patient));
  const count = async (table: string) =>
    Number(
      (
        await platform.sql<{ n: string }>(`SELECT count(*) AS n FROM ${table} WHERE organization_id = $1`, [
          organizationId,
        ])
      )[0]?.n,
    );

  beforeAll(async () => {
    platform = await startTestPlatform({ imports: [HttpPlatformModule, AuditModule, DirectoryModule] });
  });
  afterAll(async () => {
    await platform.stop();
  });
  beforeEach(async () => {
    organizationId = (await tx((open) => platform.get(Organizations).create(open, { name: `Clinic ${newId()}` }))).id;
  });

  describe('matchPatient', () => {
    it('creates a patient once and finds the same one by each rule', async () => {
      const created = await match({ ...mary, externalId: 'p-1' });
      expect(created).toMatchObject({ created: true, matchedBy: 'created', reviews: 0 });
      const found = { patientId: created.patientId, created: false, reviews: 0 };
      const { email, phone, ...bare } = mary;
      const named = { ...bare, firstName: 'MARY', lastName: 'Oneil Nunez Jr.' };
      expect(await match({ ...named, externalId: 'p-1' })).toMatchObject({ ...found, matchedBy: 'external_id' });
      expect(await match({ ...named, email: email?.toUpperCase() ?? '' })).toMatchObject({
        ...found,
        matchedBy: 'email',
      });
      expect(await match({ ...named, phone: '(512) 555-0100' })).toMatchObject({ ...found, matchedBy: 'phone' });
      expect(phone).toBe('+15125550100');
      expect(await match({ ...named, address: { zip: '78701-0001' } })).toMatchObject({ ...found, matchedBy: 'name' });
      expect(await count('patients')).toBe(1);
    });

    it('never merges by an email or phone known with another birth date, and notes each pair once', async () => {
      const first = await match(mary);
      const child = { ...mary, firstName: 'Lea', birthDate: '2010-05-01' };
      const second = await match(child);
      expect(second).toMatchObject({ created: true, reviews: 2 });
      expect((await match(child)).patientId).toBe(second.patientId);
      const rows = await platform.sql(
        `SELECT patient_id, other_patient_id, reason FROM patient_reviews WHERE organization_id = $1 ORDER BY reason`,
        [organizationId],
      );
      const pair = { patient_id: second.patientId, other_patient_id: first.patientId };
      expect(rows).toEqual([
        { ...pair, reason: 'email_other_birth_date' },
        { ...pair, reason: 'phone_other_birth_date' },
      ]);
    });

    it('doubts a corrected contact that is known with another birth date', async () => {
      const first = await match({ ...mary, email: 'shared@example.com' });
      const other = { firstName: 'Lea', lastName: 'Rose', birthDate: '2010-05-01', email: 'lea@example.com' };
      const { patientId } = await match(other);
      await tx((open) =>
        platform.get(PatientCorrections).correct(open, patientId, { email: 'shared@example.com', phone: '5125550177' }),
      );
      const rows = await platform.sql(
        'SELECT other_patient_id AS other, reason FROM patient_reviews WHERE patient_id = $1',
        [patientId],
      );
      expect(rows).toEqual([{ other: first.patientId, reason: 'email_other_birth_date' }]);
      expect((await match({ ...other, email: 'x@example.com', phone: '+15125550177' })).patientId).toBe(patientId);
    });

    it('keeps what was corrected while a message that fills gaps was looked at', async () => {
      const known = { firstName: 'Lea', lastName: 'Rose', birthDate: '2010-05-01', email: 'lea@example.com' };
      const { patientId } = await match(known);
      const found = await tx(async (open) => {
        const search = await platform.get(Patients).search(open, organizationId, { ...known, phone: '+15125550155' });
        await tx((other) => platform.get(PatientCorrections).correct(other, patientId, { email: 'right@example.com' }));
        return await platform.get(Patients).keep(open, search);
      });
      expect(found).toMatchObject({ patientId, created: false });
      const profile = await tx((open) => platform.get(Patients).profile(open, patientId));
      expect(profile).toMatchObject({ email: 'right@example.com', phone: '+15125550155' });
    });

    it('keeps twins apart', async () => {
      const [first, second] = [await match(mary), await match({ ...mary, firstName: 'Anna' })];
      expect(second).toMatchObject({ created: true, reviews: 1 });
      expect((await match({ ...mary, firstName: 'Anna' })).patientId).toBe(second.patientId);
      expect((await match(mary)).patientId).toBe(first.patientId);
    });

    it('keeps twins apart whose names begin alike', async () => {
      const daniel = { ...mary, firstName: 'Daniel', gender: 'male' } as const;
      const daniela = { ...mary, firstName: 'Daniela', gender: 'female' } as const;
      const first = await match({ ...daniel, externalId: 'p-1' });
      const second = await match({ ...daniela, externalId: 'p-2' });
      expect(second).toMatchObject({ created: true, reviews: 1 });
      expect((await match(daniel)).patientId).toBe(first.patientId);
      expect((await match(daniela)).patientId).toBe(second.patientId);
    });

    it('makes one row of fifty messages about a new patient that arrive at once', async () => {
      // Open connections for all, or the first message is done before the second has one.
      await Promise.all(Array.from({ length: 20 }, () => tx((open) => open.query('SELECT pg_sleep(0.1)'))));
      const { email, ...withoutEmail } = mary;
      const doors: IdentifiedPatient[] = [
        mary,
        withoutEmail,
        { ...mary, externalId: 'p-50' },
        { ...mary, lastName: 'ONEIL NUNEZ' },
      ];
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) => match(doors[index % doors.length] ?? mary)),
      );
      expect(new Set(results.map(({ patientId }) => patientId)).size).toBe(1);
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      expect(await count('patients')).toBe(1);
      expect(email).toBeDefined();
    });

    it('lists organizations page by page', async () => {
      const organizations = platform.get(Organizations);
      await tx((open) => organizations.create(open, { name: 'Further' }));
      const all = (await tx((open) => organizations.list(open))).map(({ id }) => id);
      const listed: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = await tx((open) => organizations.page(open, { limit: 1, cursor: cursor ?? undefined }));
        expect(page.items).toHaveLength(1);
        listed.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(listed).toEqual(all);
      expect(all.length).toBeGreaterThan(1);
    });

    it('keeps organizations apart', async () => {
      const other = await tx((open) => platform.get(Organizations).create(open, { name: 'Other' }));
      const [here, there] = [await match(mary), await match(mary, other.id)];
      expect(there).toMatchObject({ created: true });
      expect(there.patientId).not.toBe(here.patientId);
      const rows = await platform.sql('SELECT count(DISTINCT email_index)::int AS n FROM patients WHERE id = ANY($1)', [
        [here.patientId, there.patientId],
      ]);
      expect(rows).toEqual([{ n: 2 }]);
    });

    it('fills what was missing and never replaces the contact on file', async () => {
      const { email, address, ...sparse } = mary;
      const { patientId } = await match(sparse);
      await match({ ...mary, externalId: 'p-9' });
      await match({
        ...mary,
        externalId: 'p-9',
        email: 'someone@else.example',
        address: { zip: '10001', state: 'NY' },
      });
      const profile = await tx((open) => platform.get(Patients).profile(open, patientId));
      expect(profile).toMatchObject({
        externalId: 'p-9',
        email,
        address,
        phone: mary.phone,
        birthDate: mary.birthDate,
      });
      const rows = await platform.sql<{ state: string }>('SELECT state FROM patients WHERE id = $1', [patientId]);
      expect(rows).toEqual([{ state: 'TX' }]);
    });

    it('stores no birth date, email, phone or street readably', async () => {
      const { patientId } = await match(mary);
      const rows = await platform.sql<{ row: string }>(
        `SELECT encode(profile_sealed, 'escape') || to_jsonb(p)::text AS row FROM patients p WHERE id = $1`,
        [patientId],
      );
      for (const value of [mary.birthDate, mary.email, mary.phone, '12 Oak St'])
        expect(rows[0]?.row).not.toContain(value);
    });

    it('refuses a patient nobody could find again', async () => {
      const { firstName, lastName, birthDate } = mary;
      await expect(match({ firstName, lastName, birthDate })).rejects.toMatchObject({ code: 'patient.unfindable' });
    });
  });

  describe('providers', () => {
    it('are one per NPI, also when twenty orders arrive at once, and learn what was missing', async () => {
      const providers = platform.get(Providers);
      const order = { npi: '1234567893', firstName: 'Aaron', lastName: 'Allen' };
      const ids = await Promise.all(
        Array.from({ length: 20 }, () => tx((open) => providers.upsertFromOrder(open, organizationId, order))),
      );
      expect(new Set(ids).size).toBe(1);
      // A misspelt one of a drug that needs none would stand before the right one.
      await tx((open) => providers.upsertFromOrder(open, organizationId, { ...order, dea: 'AA1234567' }));
      await tx((open) =>
        providers.upsertFromOrder(open, organizationId, { ...order, dea: 'AA1234563', phone: '512-555-0110' }),
      );
      await tx((open) => providers.upsertFromOrder(open, organizationId, { ...order, dea: 'BB1388568' }));
      const provider = await tx((open) => providers.get(open, organizationId, ids[0] ?? ''));
      expect(provider).toMatchObject({ dea: 'AA1234563', phone: '+15125550110' });
    });

    it('are not made of an NPI with a wrong check digit', async () => {
      const wrong = { npi: '1234567890', firstName: 'Aaron', lastName: 'Allen' };
      expect(await tx((open) => platform.get(Providers).upsertFromOrder(open, organizationId, wrong))).toBeUndefined();
      expect(await count('providers')).toBe(0);
    });
  });

  describe('pharmacies', () => {
    const pharmacies = () => platform.get(Pharmacies);
    const create = (parts: Partial<NewPharmacy> = {}) =>
      tx((open) => pharmacies().create(open, organizationId, { ...cedar, ...parts }));

    it('exist once per NCPDP id, and in the state their ZIP lies in', async () => {
      await create();
      await expect(create()).rejects.toMatchObject({ code: 'pharmacy.already-exists' });
      await expect(create({ ncpdpId: '4500033', zip: '10001' })).rejects.toMatchObject({
        code: 'pharmacy.zip-outside-state',
      });
    });

    it('are closed on days, which are no instants of some zone', async () => {
      for (const closedOn of [['2026-11-26', '2026-12-25'], []]) {
        const { id } = await create({ ncpdpId: `450002${closedOn.length}`, closedOn });
        expect(await tx((open) => pharmacies().get(open, organizationId, id))).toMatchObject({ closedOn });
      }
    });

    it('change in what is given only, and belong to their organization', async () => {
      const { id } = await create();
      const change = { openForOrders: false, dailyCapacity: 5, networks: { '990022': 2 } };
      const changed = await tx((open) => pharmacies().change(open, organizationId, id, change));
      expect(changed).toMatchObject({ ...change, name: cedar.name, priceFactor: '1.050', licensedStates: ['TX'] });
      await expect(tx((open) => pharmacies().change(open, newId(), id, change))).rejects.toMatchObject({
        code: 'pharmacy.not-found',
      });
    });

    it('come page by page without a gap or a repetition', async () => {
      for (const ncpdpId of ['4500001', '4500002', '4500003']) await create({ ncpdpId });
      const page = (cursor?: string) => tx((open) => pharmacies().list(open, organizationId, { limit: 2, cursor }));
      const first = await page();
      const rest = await page(first.nextCursor ?? undefined);
      expect([...first.items, ...rest.items].map(({ ncpdpId }) => ncpdpId)).toEqual(['4500001', '4500002', '4500003']);
      expect(rest.nextCursor).toBeNull();
    });
  });

  describe('drugs', () => {
    const line = {
      ndc: '70000-0101-30',
      name: 'Lisinopril 10 mg tablet',
      genericName: 'lisinopril',
      strength: '10 mg',
      form: 'tablet',
      unit: 'C48542',
      unitPriceCents: 90,
    };

    it('are stored under 11 digits and replaced by a later line', async () => {
      const drugs = platform.get(Drugs);
      expect(
        await tx((open) => drugs.upsert(open, [line, { ...line, ndc: '70000010130', unitPriceCents: 95 }])),
      ).toEqual({ stored: 1 });
      await tx((open) => drugs.upsert(open, [{ ...line, unitPriceCents: 99 }]));
      expect(await tx((open) => drugs.byNdc(open, '70000010130'))).toMatchObject({
        unitPriceCents: 99,
        schedule: null,
      });
      expect(await tx((open) => drugs.byNdcs(open, ['70000010130', '70000999999']))).toHaveLength(1);
    });

    it('are refused under ten bare digits, with the three readings', async () => {
      const wrong = tx((open) => platform.get(Drugs).upsert(open, [{ ...line, ndc: '7000001013' }]));
      await expect(wrong).rejects.toMatchObject({
        code: 'drug.ndc-invalid',
        meta: { pointer: '/drugs/0/ndc', candidates: ['07000001013', '70000001013', '70000010103'] },
      });
    });
  });
});
