import { createHmac } from 'node:crypto';
import { DateTime } from 'luxon';
import { DirectoryModule, Patients } from '../../src/modules/directory/index.js';
import { EnrollmentModule, Enrollments } from '../../src/modules/enrollment/index.js';
import { NotificationsModule } from '../../src/modules/notifications/index.js';
import { OrdersModule } from '../../src/modules/orders/index.js';
import { PaymentsModule } from '../../src/modules/payments/index.js';
import type { PaymentOrigin } from '../../src/modules/payments/payment.entity.js';
import { billOf, InvoicesStore } from '../../src/modules/payments/invoices.store.js';
import { PaymentsStore } from '../../src/modules/payments/payments.store.js';
import { Prescriptions, PrescriptionsModule, systemActor } from '../../src/modules/prescriptions/index.js';
import { WebhooksModule } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { FrozenClock } from './frozen-clock.js';
import { startModules } from './module-app.js';
import { insertPrescription } from './prescription-rows.js';
import { surroundings, type Surroundings } from './surroundings.js';
import { until } from './until.js';

export const hour = 3_600_000;

export const clockIn = (zone: string, at: Date) => DateTime.fromJSDate(at, { zone }).toFormat('HH:mm');
/** Patients live in Texas, which has two zones; its day begins in Denver. */
export const laterTexas = 'America/Denver';

export interface ReminderRow {
  channel: string;
  event: string;
  status: string;
  reason: string | null;
}

export interface TimelineItem {
  code: string;
  cause: { reason: string | null };
  details: Record<string, unknown>;
}

export interface Reminded {
  id: string;
  email: string;
  phone: string;
}

const careportals = { code: 'glow', secret: 'the-secret-of-glow' };
/** What `startModules` calls its first organization. */
const firstOrganization = 'Test';

export interface RemindersOptions {
  around?: Surroundings;
  /** Default: a winter's noon in New York, long past, as a vendor's answer is looked for among messages younger than ours. */
  now?: Date;
  /** Where patients live. */
  state?: string;
  /** Default true: what is due is done in this process. */
  works?: boolean;
  env?: Record<string, string>;
}

/** Links, the letters that bring them and CarePortals' door, with a clock that stands still. */
export async function startReminders(options: RemindersOptions = {}) {
  const around = options.around ?? (await surroundings('reminders'));
  const sandbox = await around.sandbox();
  const clock = new FrozenClock();
  clock.set(options.now ?? '2024-11-11T17:00:00Z');
  // Payment pages are made by the test: the provider's clock runs.
  const prefixes = ['TWILIO_', 'SMTP_', 'MAIL_'];
  const letterSettings = Object.fromEntries(
    Object.entries(sandbox.settings).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))),
  );
  const app = await startModules(around, {
    modules: [
      DirectoryModule,
      PrescriptionsModule,
      WebhooksModule,
      EnrollmentModule,
      PaymentsModule,
      OrdersModule,
      NotificationsModule,
    ],
    works: options.works ?? true,
    clock,
    env: {
      ...letterSettings,
      CAREPORTALS_SOURCES: `${careportals.code}:${firstOrganization}=${careportals.secret}`,
      ...options.env,
    },
  });
  const { db, get, sql, organizationId } = app;
  await sql('UPDATE organizations SET auto_enrollment = true');
  /** Oldest first. */
  const seen = async <T>(address: string) =>
    ((await (await fetch(`${sandbox.url}${address}`)).json()) as T[]).reverse();
  const mails = (to: string) =>
    seen<{ subject: string; text: string; html: string; receipts: number }>(`/_sandbox/mailbox?to=${to}`);
  const texts = (to: string) => seen<{ body: string }>(`/_sandbox/twilio/messages?to=${encodeURIComponent(to)}`);
  const ops = await app.key();
  const call = async (method: 'GET' | 'POST', address: string, payload?: object, headers: object = {}) => {
    const answer = await app.app.inject({
      method,
      url: address,
      headers: { authorization: ops, ...headers },
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };
  let made = 0;

  /** @param goesTo a state, where the order is not for the home address */
  const prescription = async (state: string, goesTo?: string): Promise<Reminded> => {
    made += 1;
    // Another name, address and number for each, or they would be one patient.
    const lastName = `Marsh${String.fromCharCode(64 + made)}`;
    const [email, phone] = [`ada.${made}@example.com`, `+1512555${String(2_000 + made)}`];
    const { patientId } = await db.tx(systemContext, (tx) =>
      get(Patients).matchPatient(tx, organizationId, {
        externalId: newId(),
        firstName: 'Ada',
        lastName,
        birthDate: '1980-02-29',
        email,
        phone,
        address: { line1: '1 Elm St', city: 'Austin', state: options.state ?? 'TX', zip: '78701' },
      }),
    );
    const address = goesTo && { line1: '2 Bay Rd', city: 'Bay', state: goesTo, zip: '96701' };
    const order = {
      patient: { ...(address && { address }) },
      prescriber: {},
      medication: { description: 'Secretol 10 mg' },
    };
    return { id: await insertPrescription(app, { patient_id: patientId, state }, order), email, phone };
  };

  const rows = (id: string) =>
    sql<ReminderRow>(
      `SELECT channel, event, status, suppressed_reason AS reason FROM notifications WHERE prescription_id = $1
       ORDER BY id`,
      [id],
    );
  /** Whether a letter reached its patient by both channels. */
  const sent = (id: string, event: string, withinMs?: number) =>
    until(async () => {
      const states = (await rows(id))
        .filter((row) => row.event === event)
        .map(({ channel, status }) => channel + status);
      return states.includes('emailsent') && states.some((state) => /^sms(sent|delivered)$/.test(state));
    }, withinMs);
  /** Jobs of reminders, oldest first. */
  const asked = (id: string) =>
    sql<{ outboxId: string; due: Date; waits: boolean; done: boolean; payload: { linkId: string; round: number } }>(
      `SELECT id AS "outboxId", due_at AS due, dispatched_at IS NULL AS waits, done_at IS NOT NULL AS done, payload FROM outbox_events
       WHERE aggregate_id = $1 AND subscriber = 'notifications.remind' ORDER BY id`,
      [id],
    );

  /** A payment page as the provider's answer leaves it. */
  const paymentLink = async (id: string, origin: PaymentOrigin): Promise<string> =>
    db.tx(systemContext, async (tx) => {
      const { state } = await get(Prescriptions).lock(tx, id);
      const bill = billOf({ id, organizationId, currency: 'USD' }, 1_500);
      const standing = await get(InvoicesStore).standing(tx, id);
      if (standing === undefined) await get(InvoicesStore).make(tx, bill, clock.now());
      const invoice = standing ?? bill;
      const older = await get(PaymentsStore).latest(tx, id);
      if (older !== undefined) await get(PaymentsStore).markClosed(tx, older.id, 'expired');
      const payment = await get(PaymentsStore).add(tx, invoice, {
        origin,
        after: older,
        now: clock.now(),
        lastFillEnd: undefined,
      });
      const session = { id: `cs_${payment.id}`, url: `https://pay.example/${payment.id}` };
      await get(PaymentsStore).markOpen(tx, payment.id, session, clock.now());
      const payload = { paymentId: payment.id, invoiceId: invoice.id };
      const by = { actor: systemActor, trigger: 'worker' } as const;
      if (state === 'adjudicated') await get(Prescriptions).move(tx, { id, action: 'request_payment', ...by, payload });
      else {
        const event = { name: 'payment_link_renewed', aggregateId: id, organizationId };
        await get(Outbox).publish(tx, { ...event, payload: { prescriptionId: id, ...payload } });
      }
      return session.url;
    });

  return {
    ...app,
    clock,
    sandbox,
    letterSettings,
    reminders: async (id: string) => (await rows(id)).filter(({ event }) => event.endsWith('_reminder')),
    sent,
    asked,
    /** A text was put off until it is 08:00 there. */
    waitsForMorning: (id: string, zone = laterTexas) =>
      until(async () => {
        const rows = await sql<{ due: Date }>(
          `SELECT due_at AS due FROM outbox_events
           WHERE aggregate_id = $1 AND last_error = 'notification.quiet-hours' AND done_at IS NULL AND dispatched_at IS NULL`,
          [id],
        );
        return rows.length === 1 && rows[0] !== undefined && clockIn(zone, rows[0].due) === '08:00';
      }, 15_000),
    /** Every reminder that is due was looked at. */
    looked: (id: string) =>
      until(async () => (await asked(id)).every(({ due, waits, done }) => done || (waits && due > clock.now()))),
    /** A patient who was sent the link of an enrollment. */
    enrolling: async (goesTo?: string): Promise<Reminded> => {
      const one = await prescription('validated', goesTo);
      const run = { outboxId: newId(), attempt: 1, closed: false };
      await db.tx(systemContext, (tx) => get(Enrollments).begin(tx, one.id, run));
      await sent(one.id, 'enrollment_started');
      return one;
    },
    /** A patient who was sent a link to check the card of a rejected claim. */
    checkingCard: async (): Promise<Reminded> => {
      const one = await prescription('adjudication_issue');
      const run = { outboxId: newId(), attempt: 1, closed: false };
      await db.tx(systemContext, (tx) => get(Enrollments).askForCardCheck(tx, one.id, run));
      await sent(one.id, 'card_check_link_created');
      return one;
    },
    paymentLink,
    /** A patient who was sent a payment link. */
    paying: async (goesTo?: string): Promise<Reminded & { url: string }> => {
      const one = await prescription('adjudicated', goesTo);
      const url = await paymentLink(one.id, 'request');
      await sent(one.id, 'payment_link_created');
      return { ...one, url };
    },
    mails,
    texts,
    /** Mails and texts that reached somebody. */
    counts: async ({ email, phone }: Reminded) => [(await mails(email)).length, (await texts(phone)).length],
    call,
    timeline: async ({ id }: Reminded) =>
      (await call('GET', `/api/prescriptions/${id}/timeline`)).body['items'] as TimelineItem[],
    /** Noon in New York again, on a day on which nothing of the days before is left. */
    nextWeek: () => {
      const today = DateTime.fromJSDate(clock.now(), { zone: 'America/New_York' });
      clock.set(today.startOf('day').plus({ weeks: 1 }).set({ hour: 12 }).toJSDate());
    },
    /** What CarePortals says, taken in. */
    hear: async (body: object): Promise<void> => {
      const raw = JSON.stringify(body);
      const signature = createHmac('sha256', careportals.secret).update(raw).digest('hex');
      const answer = await fetch(`${app.url}/api/webhooks/careportals`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-careportals-signature': signature },
        body: raw,
      });
      const { eventId } = (await answer.json()) as { eventId: string };
      await until(async () => {
        const [row] = await sql<{ status: string }>('SELECT status FROM webhook_events WHERE id = $1', [eventId]);
        return row?.status === 'processed';
      });
    },
  };
}

export type RemindersApp = Awaited<ReturnType<typeof startReminders>>;
