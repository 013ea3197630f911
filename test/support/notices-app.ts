import { AccessTokens } from '../../src/modules/auth/access-tokens.js';
import { DeskModule } from '../../src/modules/desk/index.js';
import { DirectoryModule, Patients } from '../../src/modules/directory/index.js';
import { ConsentsStore } from '../../src/modules/enrollment/consents.store.js';
import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { PrescriptionsModule } from '../../src/modules/prescriptions/index.js';
import { ThreadsModule } from '../../src/modules/threads/index.js';
import { TicketsModule } from '../../src/modules/tickets/index.js';
import { Keyring } from '../../src/platform/crypto/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { FrozenClock } from './frozen-clock.js';
import { insertRow } from './looker.js';
import { insertPharmacy } from './pharmacy.js';
import { startModules } from './module-app.js';
import { insertPrescription } from './prescription-rows.js';
import { surroundings } from './surroundings.js';
import { until } from './until.js';

export interface NoticeRow {
  event: string;
  kind: string;
  channel: string;
  status: string;
  reason: string | null;
}

export interface SeenMail {
  subject: string;
  text: string;
  html: string;
}

/** A ticket of real parties, with somebody signed in for each. */
export interface NoticedTicket {
  id: string;
  patientId: string;
  pharmacyId: string;
  email: string;
  phone: string;
  doctor: string;
  pharmacy: string;
  patient: string;
}

const emptyOrder = { patient: {}, prescriber: {}, medication: {} };

/** Noon in New York: nobody sleeps. */
export const noon = '2026-11-23T17:00:00Z';

/** Tickets and messages with the mailbox and the phone of who is told of them, and a clock that stands still. */
export async function startNotices(
  env: Readonly<Record<string, string>> = { PATIENT_PORTAL_URL: 'https://me.example.com' },
) {
  const around = await surroundings('notices');
  const sandbox = await around.sandbox();
  const clock = new FrozenClock();
  clock.set(noon);
  const app = await startModules(around, {
    modules: [DirectoryModule, TicketsModule, ThreadsModule, PrescriptionsModule, NotificationsModule, DeskModule],
    works: true,
    clock,
    env: { ...sandbox.settings, MESSAGE_PATIENCE_MS: '60000', ...env },
  });
  const { sql, organizationId } = app;
  const seen = async <T>(address: string) => (await (await fetch(`${sandbox.url}${address}`)).json()) as T[];
  let made = 0;

  const ticket = async (columns: Readonly<Record<string, unknown>> = {}): Promise<NoticedTicket> => {
    made += 1;
    const [email, phone] = [`ada.${made}@example.com`, `+1202555${String(2_000 + made)}`];
    const [id, doctorId, now] = [newId(), newId(), clock.now()];
    const { patientId } = await app.db.tx(systemContext, (tx) =>
      app.get(Patients).matchPatient(tx, organizationId, {
        externalId: id,
        firstName: 'Ada',
        lastName: 'Marsh',
        birthDate: '1980-02-29',
        email,
        phone,
      }),
    );
    const pharmacyId = await pharmacyOf();
    await insertRow(sql, 'healthcare_tickets', {
      id,
      organization_id: organizationId,
      origin: 'desk',
      status: 'sent',
      status_since: now,
      sent_at: now,
      primary_provider_id: doctorId,
      secondary_provider_id: pharmacyId,
      patient_id: patientId,
      created_at: now,
      updated_at: now,
      ...columns,
    });
    return {
      id,
      patientId,
      pharmacyId,
      email,
      phone,
      doctor: await app.user('doctor', { providerId: doctorId }),
      pharmacy: await app.user('pharmacy', { pharmacyId }),
      patient: await app.user('patient', { patientId }),
    };
  };

  const pharmacyOf = () => insertPharmacy(sql, organizationId, { kind: 'platform_label', created_at: clock.now() });

  /** A sign-in outlasts its tokens, and the clock here runs by days. */
  const renewed = (authorization: string): string => {
    const [, claims = ''] = authorization.split('.');
    const { sub, sid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string; sid: string };
    return `Bearer ${app.get(AccessTokens).issue(sub, sid)}`;
  };

  const call = async (who: string, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) => {
    const headers = { authorization: renewed(who) };
    const answer = await app.app.inject({ method, url, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };

  /** To be written to, as an enrollment asks it. */
  const agrees = async ({ patientId }: NoticedTicket): Promise<void> => {
    const prescriptionId = await insertPrescription(app, { patient_id: patientId, state: 'completed' }, emptyOrder);
    const owner = { prescriptionId, organizationId, patientId };
    await app.db.tx(systemContext, (tx) => app.get(ConsentsStore).give(tx, owner, {}));
  };

  return {
    ...app,
    sandbox,
    clock,
    ticket,
    agrees,
    pharmacyOf,
    call,
    /** As opt-outs know a number. */
    phoneIndex: (phone: string) => app.get(Keyring).blindIndex('opt_outs.phone', phone),
    /** @returns its id */
    say: async ({ id }: NoticedTicket, who: string, body: Readonly<Record<string, unknown>>): Promise<string> => {
      const answer = await call(who, 'POST', `/api/threads/${id}/messages`, body);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return String(answer.body['id']);
    },
    read: ({ id }: NoticedTicket, who: string) => call(who, 'POST', `/api/threads/${id}/read`, { upTo: 1_000 }),
    /** Everything that is due has been done. */
    settled: () =>
      until(async () => {
        const due = 'SELECT 1 FROM outbox_events WHERE done_at IS NULL AND due_at <= $1';
        const underWay = `SELECT 1 FROM outbox_events WHERE done_at IS NULL AND dispatched_at IS NOT NULL`;
        return (await sql(`${due} UNION ALL ${underWay}`, [clock.now()])).length === 0;
      }),
    notices: (ticketId: string) =>
      sql<NoticeRow>(
        `SELECT event, recipient_kind AS kind, channel, status, suppressed_reason AS reason FROM notifications
         WHERE ticket_id = $1 ORDER BY thread_seq, event, channel, id`,
        [ticketId],
      ),
    mails: (to: string) => seen<SeenMail>(`/_sandbox/mailbox?to=${encodeURIComponent(to)}`),
    texts: (to: string) => seen<{ body: string }>(`/_sandbox/twilio/messages?to=${encodeURIComponent(to)}`),
    /** Where those of a role are written to, oldest account first. */
    emails: async (role: string, column: 'organization_id' | 'pharmacy_id', id: string): Promise<string[]> => {
      const text = `SELECT email FROM users WHERE role = $1 AND ${column} = $2 ORDER BY id`;
      return (await sql<{ email: string }>(text, [role, id])).map(({ email }) => email);
    },
  };
}

export type NoticesApp = Awaited<ReturnType<typeof startNotices>>;
