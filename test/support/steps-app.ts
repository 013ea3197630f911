import { catalog } from '../../src/demo/catalog.js';
import { sendingDay } from '../../src/demo/generate/index.js';
import { AdjudicationModule } from '../../src/modules/adjudication/index.js';
import type { Principal } from '../../src/modules/auth/index.js';
import { DirectoryModule, Drugs, Patients, Pharmacies, type NewPharmacy } from '../../src/modules/directory/index.js';
import {
  Coverages,
  Prescriptions,
  PrescriptionsModule,
  systemActor,
  type CardCheck,
  type Coverage,
  type PrescriptionOrder,
  type PrescriptionPath,
  type PrescriptionState,
} from '../../src/modules/prescriptions/index.js';
import { RoutingModule } from '../../src/modules/routing/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startModules } from './module-app.js';
import { insertPrescription, stateOf } from './prescription-rows.js';
import { surroundings } from './surroundings.js';

export const lisinopril = '70000010130';
const npiPrefix = 123456789;

export interface NewPrescription {
  ndc?: string;
  path?: PrescriptionPath;
  state?: PrescriptionState;
  coverage?: Omit<Coverage, 'id'> | undefined;
  order?: Partial<PrescriptionOrder>;
  /** Selected already. */
  pharmacyId?: string;
}

export const commercialCard: Omit<Coverage, 'id'> = {
  kind: 'insurance',
  bin: '610011',
  pcn: 'DEMO',
  cardholderId: 'ABC123456',
  relationship: '1',
  government: false,
};

/** Routing and adjudication on a real database beside the sandbox: nothing moves a prescription but the test. */
export async function startSteps(options: { claimSwitchUrl?: string } = {}) {
  const around = await surroundings('steps');
  const sandbox = await around.sandbox();
  const app = await startModules(around, {
    modules: [DirectoryModule, PrescriptionsModule, RoutingModule, AdjudicationModule],
    env: { CLAIM_SWITCH_URL: options.claimSwitchUrl ?? sandbox.url, CLAIM_SWITCH_API_KEY: 'key' },
  });
  const { db, get, sql, organizationId } = app;
  const coverageOf = new Map<string, Coverage>();
  const checks = { card: 'not-sent' as CardCheck };
  get(Coverages).use({
    current: async (_tx, patientId) => coverageOf.get(patientId),
    cardCheck: async () => checks.card,
  });
  await db.tx(systemContext, (tx) => get(Drugs).upsert(tx, catalog));
  let pharmacies = 0;

  const pharmacy = async (change: Partial<NewPharmacy> = {}): Promise<{ id: string; ncpdpId: string }> => {
    pharmacies += 1;
    return db.tx(systemContext, (tx) =>
      get(Pharmacies).create(tx, organizationId, {
        name: `Pharmacy ${pharmacies}`,
        npi: `${npiPrefix + pharmacies}0`.padStart(10, '1').slice(0, 10),
        ncpdpId: String(4_000_000 + pharmacies),
        kind: 'platform_label',
        street: '1 Main St',
        city: 'Austin',
        state: 'TX',
        zip: '78701',
        timeZone: 'America/Chicago',
        licensedStates: ['TX'],
        schedules: ['IV'],
        forms: ['tablet', 'capsule', 'pen', 'cream'],
        networks: { '610011': 1, '610012': 1, '610013': 1 },
        dailyCapacity: 100,
        turnaroundHours: 24,
        dispensingFeeCents: 500,
        ...change,
      }),
    );
  };

  const patient = async (preferredPharmacyId?: string): Promise<string> => {
    const { patientId } = await db.tx(systemContext, (tx) =>
      get(Patients).matchPatient(tx, organizationId, {
        externalId: newId(),
        firstName: 'Ada',
        lastName: 'Marsh',
        birthDate: '1980-02-29',
        gender: 'female',
        address: { line1: '1 Elm St', city: 'Austin', state: 'TX', zip: '78701' },
      }),
    );
    await sql('UPDATE patients SET preferred_pharmacy_id = $2 WHERE id = $1', [patientId, preferredPharmacyId ?? null]);
    return patientId;
  };

  /** What the patient has told enrollment of what pays, until it is told something else. */
  const cover = (patientId: string, coverage: Omit<Coverage, 'id'> | undefined): void => {
    if (coverage === undefined) coverageOf.delete(patientId);
    else coverageOf.set(patientId, { id: newId(), ...coverage });
  };

  const prescription = async (wanted: NewPrescription = {}, patientId?: string): Promise<string> => {
    const drug = catalog.find(({ ndc }) => ndc === (wanted.ndc ?? lisinopril));
    if (drug === undefined) throw new Error('this drug is not in the catalogue');
    const owner = patientId ?? (await patient());
    cover(owner, 'coverage' in wanted ? wanted.coverage : commercialCard);
    const order: PrescriptionOrder = {
      writtenDate: sendingDay(),
      patient: { address: { line1: '1 Elm St', city: 'Austin', state: 'TX', zip: '78701' } },
      prescriber: { npi: '1993999998', firstName: 'Ines', lastName: 'Roy' },
      medication: { ndc: drug.ndc, quantity: drug.quantity, quantityUnit: drug.unit, daysSupply: drug.daysSupply },
      ...wanted.order,
    };
    return insertPrescription(
      app,
      {
        patient_id: owner,
        pharmacy_id: wanted.pharmacyId,
        path: wanted.path ?? 'full',
        state: wanted.state ?? 'awaiting_routing',
        ndc: drug.ndc,
        schedule: drug.schedule,
        quantity: drug.quantity,
        quantity_unit: drug.unit,
        days_supply: drug.daysSupply,
        refills: 0,
        written_date: order.writtenDate,
      },
      order,
    );
  };

  /** Corrected, and through validation and enrollment again, as they leave it. @param owner another patient */
  const correct = async (id: string, change: Partial<PrescriptionOrder>, owner?: string): Promise<void> => {
    await sql(`UPDATE prescriptions SET state = 'adjudication_issue' WHERE id = $1`, [id]);
    const [before] = await sql<{ patient: string }>('SELECT patient_id AS patient FROM prescriptions WHERE id = $1', [
      id,
    ]);
    await db.tx(systemContext, async (tx) => {
      const order = { ...(await get(Prescriptions).order(tx, id)), ...change };
      await get(Prescriptions).resubmit(tx, id, order, { actor: systemActor, reason: 'corrected' });
    });
    const patientId = owner ?? before?.patient;
    await sql(`UPDATE prescriptions SET state = 'awaiting_routing', patient_id = $2 WHERE id = $1`, [id, patientId]);
  };

  /** What the ticket says of the pharmacy the doctor named. */
  const findingOf = async (id: string): Promise<unknown> => {
    const [row] = await sql<{ finding: unknown }>(
      `SELECT t.pharmacy_finding AS finding FROM prescriptions p JOIN healthcare_tickets t ON t.id = p.ticket_id WHERE p.id = $1`,
      [id],
    );
    return row?.finding;
  };

  const staff = (role: Principal['role'] = 'ops'): Principal => ({
    kind: 'user',
    id: newId(),
    role,
    organizationId,
    permissions: new Set(),
  });

  return {
    ...app,
    sandbox,
    pharmacy,
    patient,
    cover,
    correct,
    prescription,
    findingOf,
    stateOf: (id: string) => stateOf(app, id),
    staff,
    /** How the patient's check of the card stands, as enrollment would say. */
    checks,
  };
}

export type Steps = Awaited<ReturnType<typeof startSteps>>;
