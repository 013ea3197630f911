import type { Type } from '@nestjs/common';
import { sendingDay } from '../../src/demo/generate/index.js';
import { CancellationModule } from '../../src/modules/cancellation/index.js';
import {
  DirectoryModule,
  Patients,
  Pharmacies,
  Providers,
  type PharmacyKind,
} from '../../src/modules/directory/index.js';
import {
  Prescriptions,
  PrescriptionsModule,
  systemActor,
  type PrescriptionOrder,
  type PrescriptionPath,
} from '../../src/modules/prescriptions/index.js';
import { ShippingModule } from '../../src/modules/shipping/index.js';
import { WebhooksModule } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { startModules } from './module-app.js';
import { insertPrescription, stateOf } from './prescription-rows.js';
import { surroundings, type Surroundings } from './surroundings.js';
import { eventually } from './until.js';

export interface NewParcelOrder {
  kind?: PharmacyKind;
  path?: PrescriptionPath;
  schedule?: string;
  serviceLevel?: string;
  zip?: string;
  prescriber?: PrescriptionOrder['prescriber'];
  /** YYYY-MM-DD; today without it. */
  writtenDate?: string;
}

const order: PrescriptionOrder = {
  patient: {},
  prescriber: {},
  medication: {
    description: 'Lisinopril 10 mg tablet',
    form: 'tablet',
    quantity: 30,
    daysSupply: 30,
    refills: 0,
    sig: 'Take 1',
  },
};

export interface ShippingAppOptions {
  env?: Record<string, string>;
  around?: Surroundings;
  /** Default true: workers run in the process. */
  works?: boolean;
  /** Default false: the partner pharmacy cannot be asked for an order, as Lifefile cannot. */
  orderLookup?: boolean;
  /** Beside shipping's own. */
  modules?: readonly Type[];
}

/** Shipping over HTTP and the sandbox's carriers and pharmacy beside it; no other step. */
export async function startShippingApp(options: ShippingAppOptions = {}) {
  const around = options.around ?? (await surroundings('shipping'));
  const sandbox = await around.sandbox(0, options.orderLookup);
  const app = await startModules(around, {
    modules: [
      DirectoryModule,
      PrescriptionsModule,
      WebhooksModule,
      ShippingModule,
      CancellationModule,
      ...(options.modules ?? []),
    ],
    works: options.works ?? true,
    env: { ...sandbox.settings, ...options.env },
  });
  const { db, get, sql, organizationId } = app;
  await sql(`UPDATE organizations SET brand = 'Sunny Health' WHERE id = $1`, [organizationId]);
  const pharmacyOf = async (kind: PharmacyKind, ncpdpId: string): Promise<string> => {
    const { id } = await db.tx(systemContext, (tx) =>
      get(Pharmacies).create(tx, organizationId, {
        name: `Pharmacy ${kind}`,
        npi: '1234567893',
        ncpdpId,
        kind,
        street: '1 Main St',
        city: 'Austin',
        state: 'TX',
        zip: '78701',
        timeZone: 'America/Chicago',
        licensedStates: ['NV'],
        schedules: ['IV'],
        forms: ['tablet'],
        dailyCapacity: 100,
        turnaroundHours: 4,
        dispensingFeeCents: 100,
        lifefilePracticeId: '988599',
      }),
    );
    return id;
  };
  const pharmacies: Record<PharmacyKind, string> = {
    platform_label: await pharmacyOf('platform_label', '4512345'),
    partner: await pharmacyOf('partner', '4512346'),
  };
  const providerId = await db.tx(systemContext, (tx) =>
    get(Providers).upsertFromOrder(tx, organizationId, { npi: '1234567893', firstName: 'Dana', lastName: 'Doctor' }),
  );
  let patients = 0;
  /** A prescription one move before shipping's first event. */
  const beforeShipping = async (wanted: NewParcelOrder = {}): Promise<string> => {
    patients += 1;
    const { patientId } = await db.tx(systemContext, (tx) =>
      get(Patients).matchPatient(tx, organizationId, {
        firstName: 'Patience',
        lastName: `Example${patients}`,
        birthDate: '1980-02-03',
        email: `patient${patients}@example.com`,
        address: { line1: '2 Elm St', city: 'Reno', state: 'NV', zip: wanted.zip ?? '89501' },
      }),
    );
    const columns = {
      path: wanted.path ?? 'full',
      patient_id: patientId,
      provider_id: providerId,
      pharmacy_id: pharmacies[wanted.kind ?? 'platform_label'],
      state: wanted.path === 'direct' ? 'awaiting_pharmacy_selection' : 'adjudicated',
      schedule: wanted.schedule,
      quantity: order.medication.quantity,
      days_supply: order.medication.daysSupply,
      service_level: wanted.serviceLevel ?? 'standard',
    };
    return insertPrescription(app, columns, {
      ...order,
      writtenDate: wanted.writtenDate ?? sendingDay(),
      prescriber: wanted.prescriber ?? {},
    });
  };
  /** The last move of another step: paid, or the pharmacy chosen on the direct path. */
  const release = (id: string, way: PrescriptionPath = 'full') =>
    db.tx(systemContext, (tx) =>
      get(Prescriptions).move(tx, {
        id,
        action: way === 'direct' ? 'select_pharmacy' : 'settle',
        actor: systemActor,
        trigger: 'worker',
      }),
    );
  return {
    ...app,
    sandbox,
    pharmacies,
    beforeShipping,
    eventually,
    release,
    ready: async (wanted: NewParcelOrder = {}): Promise<string> => {
      const id = await beforeShipping(wanted);
      await release(id, wanted.path);
      return id;
    },
    /** Once the state is the wanted one. */
    reaches: (id: string, state: string) =>
      eventually(async () => ((await stateOf(app, id)) === state ? state : undefined)),
    shipments: (id: string) =>
      sql<Record<string, string | null>>('SELECT * FROM shipments WHERE prescription_id = $1 ORDER BY created_at', [
        id,
      ]),
    /** What the vendor did for a prescription. */
    ledger: async (vendor: string, kind: string, reference: string) =>
      (await sandbox.effects(vendor, kind)).filter(
        ({ key, digest }) => digest.reference === reference || key === reference,
      ),
  };
}

export type ShippingApp = Awaited<ReturnType<typeof startShippingApp>>;
