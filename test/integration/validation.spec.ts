import { loadConfig } from '../../config/index.js';
import { Audit, AuditModule } from '../../src/modules/audit/index.js';
import { DirectoryModule, Drugs, Organizations, Patients, Providers } from '../../src/modules/directory/index.js';
import { Prescriptions, systemActor, Waiting, type PrescriptionOrder } from '../../src/modules/prescriptions/index.js';
import { businessDateOf } from '../../src/modules/validation/business-date.js';
import { Validation } from '../../src/modules/validation/index.js';
import { ValidationStore } from '../../src/modules/validation/validation.store.js';
import { ValidationWorker } from '../../src/modules/validation/validation.worker.js';
import { PrescriptionsWorker } from '../../src/modules/prescriptions/prescriptions.worker.js';
import { MovesStore } from '../../src/modules/prescriptions/moves.store.js';
import { Clock } from '../../src/platform/clock/index.js';
import { Database, systemContext, type DbContext, type Tx } from '../../src/platform/db/index.js';
import { HttpPlatformModule } from '../../src/platform/http/http-platform.module.js';
import { newId } from '../../src/platform/ids/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { FrozenClock } from '../support/frozen-clock.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';
import { until } from '../support/until.js';

const today = businessDateOf(new Date(), 'America/New_York');

const goodOrder: PrescriptionOrder = {
  writtenDate: today,
  patient: {
    firstName: 'Mary',
    lastName: 'Example',
    birthDate: '1980-02-29',
    gender: 'female',
    email: 'mary@example.com',
    phone: '+15125550100',
    address: { line1: '12 Oak St', city: 'Austin', state: 'TX', zip: '78701' },
  },
  prescriber: { npi: '1234567893', firstName: 'Aaron', lastName: 'Allen', phone: '+15125550110' },
  medication: {
    description: 'Lisinopril 10 mg tablet',
    ndc: '70000-0101-30',
    quantity: 30,
    quantityUnit: 'C48542',
    daysSupply: 30,
    refills: 2,
    substitutions: 0,
    sig: 'Take 1 tablet by mouth once daily',
  },
};

const controlledOrder: PrescriptionOrder = {
  ...goodOrder,
  digitallySigned: true,
  prescriber: {
    ...goodOrder.prescriber,
    dea: 'AA1234563',
    address: { line1: '1 Clinic Way', city: 'Austin', state: 'TX', zip: '78701' },
  },
  medication: {
    description: 'Alprazolam 0.5 mg tablet',
    rxnormCode: '308047',
    schedule: 'IV',
    scheduleCode: 'C48677',
    quantity: 30,
    quantityUnit: 'C48542',
    daysSupply: 30,
    refills: 0,
    substitutions: 0,
    sig: 'Take 1 tablet by mouth at bedtime',
  },
};

const badOrder: PrescriptionOrder = {
  ...goodOrder,
  writtenDate: '2019-01-02',
  patient: { ...goodOrder.patient, address: { ...goodOrder.patient.address, zip: '10001' } },
  prescriber: { ...goodOrder.prescriber, npi: '1234567890' },
  medication: { ...goodOrder.medication, quantity: -1, daysSupply: 9_999_999_999 },
};

describe('validation', () => {
  let platform: TestPlatform;
  let organizationId: string;
  const tx = <T>(work: (tx: Tx) => Promise<T>, context: DbContext = systemContext) =>
    platform.get(Database).tx(context, work);

  /** As the intake leaves it: ticket, prescription and sealed order, and the event when asked for. */
  const received = async (order: PrescriptionOrder, announced = false): Promise<string> => {
    const [id, ticketId, now] = [newId(), newId(), new Date()];
    await tx(async (open) => {
      await open.query(
        `INSERT INTO healthcare_tickets (id, organization_id, status, status_since, created_at, updated_at) VALUES ($1, $2, 'created', $3, $3, $3)`,
        [ticketId, organizationId, now],
      );
      await open.query(
        `INSERT INTO prescriptions (id, organization_id, ticket_id, path, state, state_since, source, sender, received_at)
         VALUES ($1, $2, $3, 'full', 'received', $4, 'json', 'spec', $4)`,
        [id, organizationId, ticketId, now],
      );
      await open.query(
        `INSERT INTO prescription_versions (prescription_id, version, organization_id, order_sealed, created_at) VALUES ($1, 1, $2, $3, $4)`,
        [id, organizationId, platform.get(Prescriptions).sealOrder(id, order), now],
      );
      if (!announced) return;
      await platform
        .get(Outbox)
        .publish(open, { name: 'intake_received', aggregateId: id, organizationId, payload: { prescriptionId: id } });
    });
    return id;
  };
  const validate = (id: string) => tx((open) => platform.get(Validation).validate(open, id));
  /** Opens them for all, or the first of several at once is done before the second has one. */
  const connections = () =>
    Promise.all(Array.from({ length: 10 }, () => tx((open) => open.query('SELECT pg_sleep(0.1)'))));
  const prescription = (id: string) => tx((open) => platform.get(Prescriptions).get(open, id));
  const versions = (id: string) => tx((open) => platform.get(Validation).versions(open, id));
  const blocking = async (id: string) =>
    (await versions(id)).map(({ findings }) =>
      findings?.filter(({ severity }) => severity === 'blocks').map(({ code }) => code),
    );
  const corrected = (id: string, order: PrescriptionOrder) => {
    const correction = { actor: { kind: 'user' as const, id: newId() }, reason: 'corrected' };
    return tx((open) => platform.get(Prescriptions).resubmit(open, id, order, correction));
  };
  const resubmit = async (id: string, order: PrescriptionOrder) => {
    await corrected(id, order);
    await validate(id);
  };
  const onFile = async (id: string) => {
    const { patientId } = await prescription(id);
    return await tx((open) => platform.get(Patients).profile(open, patientId ?? ''));
  };
  const count = async (table: 'patients' | 'patient_reviews') => {
    const text = `SELECT count(*)::int AS n FROM ${table} WHERE organization_id = $1`;
    return (await platform.sql<{ n: number }>(text, [organizationId]))[0]?.n;
  };
  const actions = async (id: string) =>
    (
      await platform.sql<{ action: string }>(
        'SELECT action FROM prescription_status_events WHERE prescription_id = $1 ORDER BY id',
        [id],
      )
    ).map(({ action }) => action);

  beforeAll(async () => {
    platform = await startTestPlatform({
      imports: [HttpPlatformModule, AuditModule, DirectoryModule],
      providers: [
        MovesStore,
        Prescriptions,
        PrescriptionsWorker,
        Waiting,
        Validation,
        ValidationStore,
        ValidationWorker,
      ],
    });
    await platform.work();
    await tx((open) =>
      platform.get(Drugs).upsert(open, [
        {
          ndc: '70000010130',
          name: 'Lisinopril 10 mg tablet',
          genericName: 'lisinopril',
          strength: '10 mg',
          form: 'tablet',
          unit: 'C48542',
          unitPriceCents: 90,
        },
      ]),
    );
  });
  afterAll(async () => {
    await platform.stop();
  });
  const validationWith = (env: Record<string, string>, clock: Clock) =>
    new Validation(
      loadConfig(env),
      platform.get(Database),
      platform.get(Audit),
      platform.get(ValidationStore),
      platform.get(Prescriptions),
      platform.get(Patients),
      platform.get(Providers),
      clock,
    );

  beforeEach(async () => {
    organizationId = (await tx((open) => platform.get(Organizations).create(open, { name: `Clinic ${newId()}` }))).id;
  });

  it('takes an intake to validated, with patient, prescriber, 11-digit NDC and ticket filled in', async () => {
    const id = await received(goodOrder, true);
    await until(async () => (await prescription(id)).state === 'validated');
    const row = await prescription(id);
    expect(row).toMatchObject({
      ndc: '70000010130',
      schedule: null,
      quantity: '30.000',
      quantityUnit: 'C48542',
      daysSupply: 30,
      refills: 2,
      writtenDate: today,
      drugDescription: 'Lisinopril 10 mg tablet',
    });
    const ticket = await platform.sql(
      'SELECT status, patient_id, primary_provider_id FROM healthcare_tickets WHERE id = $1',
      [row.ticketId],
    );
    expect(ticket).toEqual([{ status: 'sent', patient_id: row.patientId, primary_provider_id: row.providerId }]);
    expect(row.patientId).not.toBeNull();
    expect(row.providerId).not.toBeNull();
    expect(await blocking(id)).toEqual([[]]);
    await until(async () => {
      const rows = await platform.sql(
        `SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND subscriber = 'validation.validate' AND done_at IS NOT NULL`,
        [id],
      );
      return rows.length === 1;
    });
  });

  it('names everything that is wrong at once, and says so in the reason and in /why', async () => {
    const id = await received({ ...badOrder, medication: { ...badOrder.medication, sig: 'Use daily' } });
    await validate(id);
    const expected = [
      'patient.zip-outside-state',
      'prescriber.npi-invalid',
      'quantity.not-positive',
      'days-supply.out-of-range',
      'written-date.too-old',
    ];
    expect(await prescription(id)).toMatchObject({ state: 'validation_issue', providerId: null, daysSupply: null });
    expect((await blocking(id))[0]).toEqual(expect.arrayContaining(expected));
    const why = await tx(async (open) => {
      const row = await platform.get(Prescriptions).get(open, id);
      return await platform.get(Waiting).of(row.state)?.explain(open, row);
    });
    expect(why).toMatchObject({ code: 'validation.issue', who: 'ops' });
    const named = why?.details as { findings: { code: string }[]; warnings: number };
    expect(named.findings.map(({ code }) => code)).toEqual((await blocking(id))[0]);
    const [version] = await versions(id);
    expect(version?.findings?.map(({ code }) => code)).toContain('sig.route-missing');
    expect(named.warnings).toBe(version?.findings?.filter(({ severity }) => severity === 'warns').length);
  });

  it('knows the prescriber of a version that blocks, who is to correct it', async () => {
    const prescriber = { npi: '1457398760', firstName: 'Lin', lastName: 'Wu', dea: 'AA1234567' };
    const id = await received({ ...goodOrder, medication: { ...goodOrder.medication, quantity: -1 }, prescriber });
    await validate(id);
    const { state, providerId } = await prescription(id);
    expect(state).toBe('validation_issue');
    const onFile = await platform.sql('SELECT id, dea FROM providers WHERE npi = $1', [prescriber.npi]);
    expect(onFile).toEqual([{ id: providerId, dea: null }]);
  });

  it('validates a resubmitted version, and keeps what was found in both', async () => {
    const id = await received(badOrder, true);
    await until(async () => (await prescription(id)).state === 'validation_issue');
    await tx((open) =>
      platform
        .get(Prescriptions)
        .resubmit(open, id, goodOrder, { actor: { kind: 'user', id: newId() }, reason: 'corrected' }),
    );
    await until(async () => (await prescription(id)).state === 'validated');
    const [first, second] = await versions(id);
    expect(first?.findings?.length).toBeGreaterThan(0);
    expect(second).toMatchObject({ version: 2, reason: 'corrected' });
    expect(second?.findings?.filter(({ severity }) => severity === 'blocks')).toEqual([]);
    expect(await actions(id)).toEqual(['fail_validation', 'resubmit', 'pass_validation']);
  });

  it('moves once and makes one patient when it runs ten times at once', async () => {
    const id = await received(goodOrder);
    await connections();
    await Promise.all(Array.from({ length: 10 }, () => validate(id)));
    expect(await actions(id)).toEqual(['pass_validation']);
    const rows = await platform.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM patients WHERE organization_id = $1',
      [organizationId],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('sees a duplicate therapy even when both prescriptions arrive together', async () => {
    await connections();
    const ids = await Promise.all([received(goodOrder), received(goodOrder), received(goodOrder)]);
    await Promise.all(ids.map(validate));
    const codes = await Promise.all(
      ids.map(async (id) => (await versions(id))[0]?.findings?.map(({ code }) => code) ?? []),
    );
    expect(codes.filter((found) => found.includes('history.duplicate-therapy'))).toHaveLength(2);
  });

  it('sees a duplicate therapy of a drug that no line of the directory names', async () => {
    const { ndc, ...named } = { ...goodOrder.medication, description: 'Atorvastatin 20 mg tablet' };
    const order = { ...goodOrder, medication: { ...named, rxnormCode: '617310' } };
    await validate(await received(order));
    const id = await received(order);
    await validate(id);
    expect((await versions(id))[0]?.findings?.map(({ code }) => code)).toContain('history.duplicate-therapy');
    expect(ndc).toBeDefined();
  });

  it.each(['full', 'cash', 'direct'])(
    'blocks a refill of a controlled substance on the path %s while the last fill lasts',
    async (path) => {
      const ofPath = async (order: PrescriptionOrder) => {
        const id = await received(order);
        await tx((open) => open.query('UPDATE prescriptions SET path = $2 WHERE id = $1', [id, path]));
        await validate(id);
        return id;
      };
      const stating = (earlyFillReason: 'vacation' | 'lost'): PrescriptionOrder => ({
        ...controlledOrder,
        medication: { ...controlledOrder.medication, earlyFillReason },
      });
      const filled = async (daysAgo: number) => {
        const id = await ofPath(stating('vacation'));
        await tx((open) => open.query(`UPDATE prescriptions SET state = 'paid' WHERE id = $1`, [id]));
        const occurredAt = new Date(Date.now() - daysAgo * 86_400_000);
        const pharmacy = { actor: { kind: 'pharmacy' }, trigger: 'webhook', occurredAt } as const;
        await tx((open) => platform.get(Prescriptions).move(open, { id, action: 'start', ...pharmacy }));
        await tx((open) =>
          platform.get(Prescriptions).move(open, { id, action: 'ship', actor: systemActor, trigger: 'worker' }),
        );
        return id;
      };
      await filled(28);
      expect((await prescription(await ofPath(controlledOrder))).state).toBe('validated');
      const last = await filled(20);
      const id = await ofPath(controlledOrder);
      expect(await blocking(id)).toEqual([['history.refill-too-soon']]);
      await resubmit(id, stating('lost'));
      expect((await prescription(id)).state).toBe('validated');
      await tx((open) => open.query(`UPDATE prescriptions SET state = 'returned' WHERE id = $1`, [last]));
      expect((await prescription(await ofPath(controlledOrder))).state).toBe('validated');
    },
  );

  it('blocks an external id whose patient on file has another birth date', async () => {
    const withId = (birthDate: string): PrescriptionOrder => ({
      ...goodOrder,
      patient: { ...goodOrder.patient, externalId: 'p-1', birthDate },
    });
    await validate(await received(withId('1980-02-29')));
    const id = await received(withId('1981-02-28'));
    await validate(id);
    expect(await blocking(id)).toEqual([['patient.birth-date-differs']]);
    // Whose id it was could read the order otherwise.
    expect(await prescription(id)).toMatchObject({ state: 'validation_issue', patientId: null });
  });

  it('leaves nothing of a blocked version to the patient it meant when its correction means somebody else', async () => {
    await validate(await received(goodOrder));
    const elsewhere = { ...goodOrder.patient.address, zip: '10001' };
    const id = await received({ ...goodOrder, patient: { ...goodOrder.patient, address: elsewhere } });
    await validate(id);
    const patientId = (await prescription(id)).patientId;
    expect(patientId).not.toBeNull();
    const somebody = {
      ...goodOrder.patient,
      address: elsewhere,
      lastName: 'Rose',
      birthDate: '1990-01-01',
      email: 'rose@example.com',
      phone: '+15125550188',
    };
    await corrected(id, { ...goodOrder, patient: somebody });
    expect(await prescription(id)).toMatchObject({ state: 'received', patientId: null });
    await validate(id);
    expect(await prescription(id)).toMatchObject({ state: 'validation_issue', patientId: null });
    expect(await platform.sql('SELECT patient_id FROM healthcare_tickets WHERE prescription_id = $1', [id])).toEqual([
      { patient_id: null },
    ]);
  });

  it('takes the date of a sender whose day has begun when the organization’s has not', async () => {
    const clock = new FrozenClock();
    clock.set('2026-11-22T01:30:00Z');
    const validation = validationWith({}, clock);
    const found = async (writtenDate: string) => {
      const id = await received({ ...goodOrder, writtenDate });
      await tx((open) => validation.validate(open, id));
      return await blocking(id);
    };
    expect(await found('2026-11-22')).toEqual([[]]);
    expect(await found('2026-11-23')).toEqual([['written-date.future']]);
  });

  it.each([
    [{}, 'validated'],
    [{ PAEDIATRIC_VITALS: 'blocks' }, 'validation_issue'],
  ])('holds a child without height and weight as it is set: %j', async (env, state) => {
    const birthDate = `${new Date().getUTCFullYear() - 10}-01-01`;
    const id = await received({ ...goodOrder, patient: { ...goodOrder.patient, birthDate } });
    await tx((open) => validationWith(env, platform.get(Clock)).validate(open, id));
    expect((await prescription(id)).state).toBe(state);
  });

  it('counts the age of a patient from the day it was sent, where the organization is', async () => {
    const clock = new FrozenClock();
    clock.set('2026-06-02T16:00:00Z');
    const found = async (sentAt?: string) => {
      const patient = { ...goodOrder.patient, birthDate: '2007-06-02' };
      const order = { ...goodOrder, writtenDate: '2026-06-01', patient, ...(sentAt !== undefined && { sentAt }) };
      const id = await received(order);
      await tx((open) => validationWith({}, clock).validate(open, id));
      return (await versions(id))[0]?.findings?.map(({ code }) => code);
    };
    const vitals = 'patient.vitals-missing';
    expect(await found()).not.toContain(vitals);
    expect(await found('2026-06-02T05:00:00.000Z')).not.toContain(vitals);
    expect(await found('2026-06-02T03:59:00.000Z')).toContain(vitals);
  });

  it('warns of an external id whose patient on file has another first name', async () => {
    const withId = (firstName: string): PrescriptionOrder => ({
      ...goodOrder,
      patient: { ...goodOrder.patient, externalId: 'p-1', firstName },
    });
    await validate(await received(withId('Mary')));
    const id = await received(withId('Zoe'));
    await validate(id);
    expect((await versions(id))[0]?.findings?.map(({ code }) => code)).toContain('patient.first-name-differs');
  });

  it('takes nothing of a blocked version on file, so that its correction is held against nothing', async () => {
    const wrong = {
      ...goodOrder.patient,
      externalId: 'p-2',
      birthDate: '1981-02-28',
      email: 'mary@exmaple.com',
      phone: '+15125550199',
      address: { ...goodOrder.patient.address, zip: '10001' },
    };
    const id = await received({ ...goodOrder, patient: wrong });
    await validate(id);
    expect(await blocking(id)).toEqual([['patient.zip-outside-state']]);
    expect(await prescription(id)).toMatchObject({ state: 'validation_issue', patientId: null });
    expect(await count('patients')).toBe(0);

    const { email, phone, birthDate, address } = goodOrder.patient;
    await resubmit(id, { ...goodOrder, patient: { ...goodOrder.patient, externalId: 'p-2' } });
    expect((await versions(id))[1]?.findings).toEqual([]);
    expect(await onFile(id)).toMatchObject({ externalId: 'p-2', email, phone, birthDate, address });
    expect(await count('patients')).toBe(1);
  });

  it('knows whom a blocked version means, but fills no gap of theirs and notes no doubt', async () => {
    const { email, ...unmailed } = goodOrder.patient;
    const first = await received({ ...goodOrder, patient: unmailed });
    await validate(first);
    const other = { firstName: 'Lea', lastName: 'Rose', birthDate: '2010-05-01', email: 'lea@example.com' };
    await tx((open) => platform.get(Patients).matchPatient(open, organizationId, other));
    const blocked = { ...badOrder, patient: { ...badOrder.patient, email: 'lea@example.com' } };
    const id = await received(blocked);
    await validate(id);
    expect((await prescription(id)).patientId).toBe((await prescription(first)).patientId);
    expect((await onFile(id)).email).toBeUndefined();
    expect(await count('patient_reviews')).toBe(0);

    await resubmit(id, goodOrder);
    expect((await prescription(id)).state).toBe('validated');
    expect((await onFile(first)).email).toBe(email);
  });

  it('matches nobody while name or birth date is missing, or the birth date lies in the future', async () => {
    const { birthDate, ...nameless } = goodOrder.patient;
    for (const patient of [
      nameless,
      { ...goodOrder.patient, birthDate: '2999-01-01' },
      { ...goodOrder.patient, birthDate: '1980-02-30' },
    ]) {
      const id = await received({ ...goodOrder, patient });
      await validate(id);
      expect(await prescription(id)).toMatchObject({ state: 'validation_issue', patientId: null });
    }
    const rows = await platform.sql('SELECT 1 FROM patients WHERE organization_id = $1', [organizationId]);
    expect(rows).toEqual([]);
    expect(birthDate).toBeDefined();
  });

  it('waits for a correction of a patient nobody could find again, instead of going on without one', async () => {
    const { email, ...unmailed } = goodOrder.patient;
    const madonna = { ...unmailed, firstName: 'Madonna', lastName: '.', phone: '0000000000' };
    const id = await received({ ...goodOrder, patient: madonna });
    await validate(id);
    expect(await blocking(id)).toEqual([['patient.unidentified']]);
    expect(await prescription(id)).toMatchObject({ state: 'validation_issue', patientId: null });

    await resubmit(id, { ...goodOrder, patient: { ...madonna, phone: '+15125550100' } });
    expect((await prescription(id)).state).toBe('validated');
    expect((await prescription(id)).patientId).not.toBeNull();
    expect(email).toBeDefined();
  });

  it('holds the strength of the order against the one in the directory', async () => {
    const medication = { ...goodOrder.medication, description: 'Lisinopril 40 mg tablet' };
    const id = await received({ ...goodOrder, medication });
    await validate(id);
    expect(await prescription(id)).toMatchObject({ state: 'validation_issue' });
    const [version] = await versions(id);
    expect(version?.findings?.map(({ code }) => code)).toContain('drug.strength-differs');
  });

  it.each([
    ['full', 'validation_issue'],
    ['direct', 'validated'],
  ])('holds the unit of the quantity against the one of the price on the path %s', async (path, state) => {
    const medication = { ...goodOrder.medication, quantityUnit: 'mL' };
    const id = await received({ ...goodOrder, medication });
    await tx((open) => open.query('UPDATE prescriptions SET path = $2 WHERE id = $1', [id, path]));
    await validate(id);
    expect(await prescription(id)).toMatchObject({ state });
  });

  it('resolves ten bare digits by the directory, and names the three candidates otherwise', async () => {
    const ndc = (value: string): PrescriptionOrder => ({
      ...goodOrder,
      medication: { ...goodOrder.medication, ndc: value },
    });
    const [known, unknown] = [await received(ndc('7000001030')), await received(ndc('7000001013'))];
    await tx((open) =>
      platform.get(Drugs).upsert(open, [
        {
          ndc: '70000001030',
          name: 'Lisinopril 10 mg tablet',
          genericName: 'lisinopril',
          strength: '10 mg',
          form: 'tablet',
          unit: 'C48542',
          unitPriceCents: 90,
        },
      ]),
    );
    await validate(known);
    await validate(unknown);
    expect(await prescription(known)).toMatchObject({ state: 'validated', ndc: '70000001030' });
    expect(await prescription(unknown)).toMatchObject({ state: 'validation_issue', ndc: null });
    const [version] = await versions(unknown);
    const ambiguous = version?.findings?.find(({ code }) => code === 'drug.ndc-ambiguous');
    expect(ambiguous?.message).toContain('07000001013, 70000001013, 70000010103');
  });

  it('shows a doctor the patient and findings of own prescriptions, and nobody else of the organization', async () => {
    const id = await received(goodOrder);
    await validate(id);
    const { providerId, patientId, organizationId } = await prescription(id);
    const see = (provider: string, organization = organizationId) =>
      tx(
        async (open) => [
          (await open.query('SELECT 1 FROM patients WHERE id = $1', [patientId])).length,
          (await open.query('SELECT 1 FROM prescription_versions WHERE prescription_id = $1', [id])).length,
        ],
        { role: 'doctor', organization, provider },
      );
    expect(await see(providerId ?? '')).toEqual([1, 1]);
    expect(await see(newId())).toEqual([0, 0]);
    expect(await see(providerId ?? '', newId())).toEqual([0, 0]);
    await expect(
      tx((open) => platform.get(Validation).versions(open, id), {
        role: 'doctor',
        organization: organizationId,
        provider: newId(),
      }),
    ).rejects.toMatchObject({ code: 'prescription.not-found' });
  });
});
