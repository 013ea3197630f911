import { CancellationModule } from '../../src/modules/cancellation/index.js';
import { DirectoryModule, Patients, type IdentifiedPatient } from '../../src/modules/directory/index.js';
import { EnrollmentModule, Enrollments } from '../../src/modules/enrollment/index.js';
import {
  Prescriptions,
  PrescriptionsModule,
  Waiting,
  type OrderCoverage,
  type PrescriptionPath,
  type PrescriptionState,
} from '../../src/modules/prescriptions/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { FrozenClock } from './frozen-clock.js';
import { startModules } from './module-app.js';
import { insertPrescription, stateOf } from './prescription-rows.js';
import { surroundings } from './surroundings.js';

export const proof = { birthDate: '1980-02-29', zip: '78701' };

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
}

export interface NewPrescription {
  path?: PrescriptionPath;
  state?: PrescriptionState;
  patientId?: string;
  coverage?: OrderCoverage;
}

/** Enrollment over HTTP with a clock that stands still; nothing moves a prescription but the test. */
export async function startEnrollmentApp() {
  const clock = new FrozenClock();
  const app = await startModules(await surroundings('enrollment'), {
    modules: [DirectoryModule, PrescriptionsModule, EnrollmentModule, CancellationModule],
    clock,
  });
  const { db, get, sql, url, organizationId } = app;
  await sql(`UPDATE organizations SET name = 'Org', brand = 'Sunrise & Co', auto_enrollment = true`);

  let patients = 0;
  const patient = async (of = organizationId, zip: string | undefined = proof.zip): Promise<string> => {
    patients += 1;
    const candidate: IdentifiedPatient = {
      externalId: newId(),
      firstName: 'Ada',
      // Another name, address and number for each, or they would be one patient.
      lastName: `Marsh${String.fromCharCode(65 + (patients % 26))}${String.fromCharCode(65 + Math.floor(patients / 26))}`,
      birthDate: proof.birthDate,
      email: `ada.marsh${patients}@example.org`,
      phone: `+1512555${String(1000 + patients)}`,
      address: { line1: '1 Elm St', city: 'Austin', state: 'TX', zip },
    };
    return (await db.tx(systemContext, (tx) => get(Patients).matchPatient(tx, of, candidate))).patientId;
  };

  const prescription = async (wanted: NewPrescription = {}, of = organizationId): Promise<string> =>
    insertPrescription(
      app,
      {
        organization_id: of,
        patient_id: wanted.patientId ?? (await patient(of)),
        path: wanted.path ?? 'full',
        state: wanted.state ?? 'validated',
      },
      {
        patient: {},
        prescriber: {},
        medication: { description: 'Secretol 10 mg' },
        ...(wanted.coverage && { coverage: wanted.coverage }),
      },
    );

  const begin = async (id: string): Promise<void> => {
    const run = { outboxId: newId(), attempt: 1, closed: false };
    await db.tx(systemContext, (tx) => get(Enrollments).begin(tx, id, run));
  };

  /** The token a message would carry. */
  const tokenOf = async (id: string): Promise<string | undefined> =>
    (await db.tx(systemContext, async (tx) => get(Enrollments).openLink(tx, await get(Prescriptions).get(tx, id))))?.url
      .split('/')
      .at(-1);

  const call = async (
    method: string,
    to: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const isForm = body instanceof FormData || body instanceof URLSearchParams;
    const answer = await fetch(`${url}${to}`, {
      method,
      redirect: 'manual',
      headers: { ...(body !== undefined && !isForm && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && {
        body: body instanceof FormData || body instanceof URLSearchParams ? body : JSON.stringify(body),
      }),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  };

  /** A prescription whose link was sent. */
  const started = async (
    wanted: NewPrescription = {},
  ): Promise<{ id: string; token: string; api: string; page: string }> => {
    const id = await prescription(wanted);
    await begin(id);
    const token = (await tokenOf(id)) ?? '';
    return { id, token, api: `/api/enrollment/${token}`, page: `/enroll/${token}` };
  };

  const session = async (api: string): Promise<Record<string, string>> => {
    const { json } = await call('POST', `${api}/verify`, proof);
    return { 'x-enrollment-session': String(json['sessionToken']) };
  };

  return {
    ...app,
    clock,
    organization: (settings: { autoEnrollment?: boolean } = {}) =>
      app.organization({ auto_enrollment: settings.autoEnrollment ?? true }),
    patient,
    prescription,
    begin,
    tokenOf,
    call,
    started,
    session,
    state: (id: string) => stateOf(app, id),
    events: async (id: string) =>
      await sql<{ event: string; payload: Record<string, string> }>(
        'SELECT event, payload FROM outbox_events WHERE aggregate_id = $1 ORDER BY id',
        [id],
      ),
    why: async (id: string) =>
      db.tx(systemContext, async (tx) => {
        const prescriptionRow = await get(Prescriptions).get(tx, id);
        return get(Waiting).of(prescriptionRow.state)?.explain(tx, prescriptionRow);
      }),
  };
}

export type EnrollmentApp = Awaited<ReturnType<typeof startEnrollmentApp>>;
