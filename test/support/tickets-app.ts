import type { Type } from '@nestjs/common';
import { catalog } from '../../src/demo/catalog.js';
import { sendingDay } from '../../src/demo/generate/index.js';
import { DeskModule } from '../../src/modules/desk/index.js';
import { DirectoryModule, Drugs, Patients, Pharmacies, type NewPharmacy } from '../../src/modules/directory/index.js';
import { IntakeModule } from '../../src/modules/intake/index.js';
import { Coverages, PrescriptionsModule, type PrescriptionState } from '../../src/modules/prescriptions/index.js';
import { RoutingModule } from '../../src/modules/routing/index.js';
import { ThreadsModule } from '../../src/modules/threads/index.js';
import { TicketsModule } from '../../src/modules/tickets/index.js';
import { ValidationModule } from '../../src/modules/validation/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow } from './looker.js';
import { startModules } from './module-app.js';
import { surroundings, type Surroundings } from './surroundings.js';
import { until } from './until.js';

export interface Answer {
  status: number;
  // Bodies of many shapes; a spec names the fields it looks at.
  body: Record<string, unknown> & { items?: Record<string, unknown>[] };
}

/** Whom a spec about tickets needs, signed in. */
export interface Cast {
  doctorId: string;
  pharmacyId: string;
  patientId: string;
  doctor: string;
  pharmacy: string;
  patient: string;
  ops: string;
}

const npiPrefix = 143999990;

export interface TicketsAppOptions {
  /**
   * The module that tells of tickets: then mails go out, to the mailboxes of the sandbox; no other vendor is there. Handed
   * in, because whoever imports it has its jobs to do.
   */
  notifications?: Type;
  around?: Surroundings;
  /** Default true: workers run in the process. */
  works?: boolean;
}

/** Tickets with validation and routing at work; the pharmacy bills by itself, so that nothing else is needed. */
export async function startTickets({ notifications, works = true, ...options }: TicketsAppOptions = {}) {
  const told = notifications !== undefined;
  const around = options.around ?? (await surroundings('tickets'));
  const sandbox = told ? await around.sandbox() : undefined;
  const app = await startModules(around, {
    modules: [
      DirectoryModule,
      TicketsModule,
      ThreadsModule,
      PrescriptionsModule,
      ValidationModule,
      RoutingModule,
      IntakeModule,
      DeskModule,
      ...(told ? [notifications] : []),
    ],
    works,
    env: { MESSAGE_PATIENCE_MS: '0', ...(sandbox && { SMTP_URL: sandbox.settings['SMTP_URL'] ?? '' }) },
  });
  const { db, get, sql, organizationId, url } = app;
  await sql(`UPDATE organizations SET default_path = 'direct' WHERE id = $1`, [organizationId]);
  // Told, enrollment is there too, and says what is covered.
  if (!told)
    get(Coverages).use({ current: () => Promise.resolve(undefined), cardCheck: () => Promise.resolve('not-sent') });
  await db.tx(systemContext, (tx) => get(Drugs).upsert(tx, catalog));
  let made = 0;

  const call = async (who: string, method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: who, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
  };

  const pharmacy = async (change: Partial<NewPharmacy> = {}): Promise<string> => {
    made += 1;
    const { id } = await db.tx(systemContext, (tx) =>
      get(Pharmacies).create(tx, organizationId, {
        name: `Pharmacy ${made}`,
        npi: `${npiPrefix + made}0`,
        ncpdpId: String(4_100_000 + made),
        kind: 'platform_label',
        street: '1 Main St',
        city: 'Austin',
        state: 'TX',
        zip: '78701',
        timeZone: 'America/Chicago',
        licensedStates: ['TX'],
        schedules: ['IV'],
        forms: ['tablet', 'capsule', 'pen', 'cream'],
        networks: {},
        dailyCapacity: 100,
        turnaroundHours: 24,
        dispensingFeeCents: 500,
        ...change,
      }),
    );
    return id;
  };

  const doctor = async (): Promise<string> => {
    made += 1;
    const id = newId();
    await insertRow(sql, 'providers', {
      id,
      organization_id: organizationId,
      npi: made === 1 ? '1993999998' : npiOf(199399000 + made),
      first_name: 'Ines',
      last_name: 'Roy',
      created_at: new Date(),
    });
    return id;
  };

  /** The same person whenever asked for by the same name. */
  const patient = async (firstName = 'Ada'): Promise<string> => {
    made += 1;
    const { patientId } = await db.tx(systemContext, (tx) =>
      get(Patients).matchPatient(tx, organizationId, {
        externalId: newId(),
        firstName,
        lastName: 'Marsh',
        birthDate: '1980-02-29',
        gender: 'female',
        email: `ada.${made}@example.com`,
        address: { line1: '1 Elm St', city: 'Austin', state: 'TX', zip: '78701' },
      }),
    );
    return patientId;
  };

  const cast = async (): Promise<Cast> => {
    const [doctorId, pharmacyId, patientId] = [await doctor(), await pharmacy(), await patient()];
    return {
      doctorId,
      pharmacyId,
      patientId,
      doctor: await app.user('doctor', { providerId: doctorId }),
      pharmacy: await app.user('pharmacy', { pharmacyId }),
      patient: await app.user('patient', { patientId }),
      ops: await app.user('ops'),
    };
  };

  const open = async ({ doctor: who, pharmacyId, patientId }: Cast, more: Record<string, unknown> = {}) => {
    const answer = await call(who, 'POST', '/api/tickets', { pharmacyId, patientId, ...more });
    return String(answer.body['id']);
  };

  const stateOf = async (prescriptionId: string): Promise<string> => {
    const [row] = await sql<{ state: string }>('SELECT state FROM prescriptions WHERE id = $1', [prescriptionId]);
    return row?.state ?? '';
  };

  /** Saves the order of a ticket and waits until routing has chosen. @returns the prescription's id */
  const save = async (
    { doctor: who }: Cast,
    ticketId: string,
    state: PrescriptionState = 'pharmacy_selected',
  ): Promise<string> => {
    const answer = await call(who, 'POST', `/api/tickets/${ticketId}/prescription`, anOrder());
    const id = String(answer.body['id']);
    await until(async () => (await stateOf(id)) === state);
    return id;
  };

  /** What those who sign in with a role were sent about a ticket. */
  const mailsOf = async (role: 'ops' | 'pharmacy', ticketId: string): Promise<string[]> => {
    const response = await fetch(`${sandbox?.url}/_sandbox/mailbox`);
    const mails = (await response.json()) as { to: string[]; text: string }[];
    const addresses = await sql<{ email: string }>('SELECT email FROM users WHERE role = $1', [role]);
    const read = mails.filter(({ to }) => addresses.some(({ email }) => to.includes(email)));
    return read.map(({ text }) => text).filter((text) => text.includes(ticketId));
  };

  return { ...app, call, mailsOf, pharmacy, doctorOf: doctor, patientOf: patient, cast, open, save, stateOf };
}

export type TicketsApp = Awaited<ReturnType<typeof startTickets>>;

/** An order that passes validation, without the parties: the ticket says who they are. */
export function anOrder(change: Record<string, unknown> = {}): Record<string, unknown> {
  const drug = catalog[0];
  return {
    writtenDate: sendingDay(),
    medication: {
      description: drug?.name,
      ndc: drug?.ndc,
      quantity: 30,
      quantityUnit: drug?.unit,
      daysSupply: 30,
      refills: 1,
      sig: 'Take 1 tablet by mouth once daily',
      ...change,
    },
  };
}

/** Ten digits with the check digit of 45 CFR 162.406 (Luhn over 80840). */
function npiOf(nineDigits: number): string {
  const digits = `80840${nineDigits}`.split('').reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${nineDigits}${(10 - (sum % 10)) % 10}`;
}
