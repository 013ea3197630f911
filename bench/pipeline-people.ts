import { createHmac, randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { commercialCard } from '../src/demo/fates/cards.js';
import type { Principal } from '../src/modules/auth/index.js';
import { currentConsentText } from '../src/modules/enrollment/consent-texts.js';
import { EnrollmentAccess } from '../src/modules/enrollment/enrollment-access.js';
import { LinksStore } from '../src/modules/enrollment/links.store.js';
import { PatientEnrollment } from '../src/modules/enrollment/patient-enrollment.service.js';
import { PaymentGateway } from '../src/modules/payments/gateways/payment-gateway.port.js';
import { StripeWebhook } from '../src/modules/payments/stripe-webhook.service.js';
import type { PrescriptionOrder } from '../src/modules/prescriptions/order/index.js';
import { Routing } from '../src/modules/routing/routing.service.js';
import { CarrierWebhooks } from '../src/modules/shipping/carrier-webhooks.service.js';
import { Database, systemContext } from '../src/platform/db/index.js';
import { instantSettings } from './instant-gateways.js';

const calledFromHere = { headers: { 'content-type': 'application/json' }, address: '127.0.0.1' };

/** What a person or a vendor does when a prescription comes to a state. */
export type Acts = Readonly<Partial<Record<string, (id: string) => Promise<void>>>>;

type Parts = 'patient' | 'ops' | 'payer' | 'carrier';

/** Patient, operations, payer and carrier, each through the same services their requests reach. */
export function peopleOf(
  app: INestApplicationContext,
  principal: Principal,
  pharmacyId: string,
  orderOf: (id: string) => PrescriptionOrder,
): Record<Parts, Acts> {
  const get = <T>(token: abstract new (...args: never[]) => T): T => app.get<T>(token, { strict: false });
  const db = get(Database);
  const track = (id: string, status: string, substatus: string) =>
    carrierSays(db, get(CarrierWebhooks), id, status, substatus);
  return {
    patient: {
      awaiting_enrollment: async (id) => {
        const { patient } = orderOf(id);
        const token = (await db.tx(systemContext, (tx) => get(LinksStore).open(tx, id)))?.token;
        if (token === undefined) throw new Error('no enrollment link is open');
        const proof = { birthDate: patient.birthDate ?? '', zip: patient.address?.zip ?? '' };
        const session = await get(EnrollmentAccess).verify(token, proof);
        const coverage = { kind: 'insurance', card: commercialCard(patient.externalId), government: false } as const;
        const consentVersion = currentConsentText().version;
        await get(PatientEnrollment).complete(token, session.token, { coverage, consentVersion }, 'bench');
      },
    },
    ops: {
      awaiting_pharmacy_selection: async (id) => {
        await get(Routing).choose(principal, id, { pharmacyId });
      },
    },
    payer: { awaiting_payment: (id) => pay(db, get(PaymentGateway), get(StripeWebhook), id) },
    carrier: {
      shipped: (id) => track(id, 'TRANSIT', 'package_accepted'),
      in_transit: (id) => track(id, 'TRANSIT', 'out_for_delivery'),
      out_for_delivery: (id) => track(id, 'DELIVERED', 'delivered'),
    },
  };
}

/** @throws Error when the prescription has no open payment page */
export async function sessionOf(db: Database, id: string): Promise<string> {
  const [row] = await db.query<{ session: string }>(
    systemContext,
    `SELECT session_id AS session FROM payments WHERE prescription_id = $1 AND status = 'open'`,
    [id],
  );
  if (row === undefined) throw new Error('no payment page is open');
  return row.session;
}

async function pay(db: Database, gateway: PaymentGateway, stripe: StripeWebhook, id: string): Promise<void> {
  const checkout = await gateway.checkout(await sessionOf(db, id));
  const session = {
    id: checkout.sessionId,
    status: 'complete',
    payment_status: 'paid',
    amount_total: checkout.amountCents,
    currency: checkout.currency.toLowerCase(),
    client_reference_id: checkout.paymentId,
    metadata: { prescription_id: id, payment_id: checkout.paymentId ?? '' },
    payment_intent: checkout.sessionId.replace('cs_', 'pi_'),
  };
  const event = { id: `evt_${randomUUID()}`, type: 'checkout.session.completed', data: { object: session } };
  const raw = Buffer.from(JSON.stringify(event));
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', instantSettings.STRIPE_WEBHOOK_SECRET)
    .update(`${at}.`)
    .update(raw)
    .digest('hex');
  await stripe.receive({ raw, signature: `t=${at},v1=${signature}`, ...calledFromHere });
}

async function carrierSays(
  db: Database,
  carrier: CarrierWebhooks,
  id: string,
  status: string,
  substatus: string,
): Promise<void> {
  const [parcel] = await db.query<{ number: string }>(
    systemContext,
    'SELECT tracking_number AS number FROM shipments WHERE prescription_id = $1',
    [id],
  );
  if (parcel === undefined) throw new Error('there is no parcel');
  const tracking = { status, substatus, status_date: new Date().toISOString() };
  const data = { carrier: 'usps', tracking_number: parcel.number, tracking_status: tracking };
  const raw = Buffer.from(JSON.stringify({ event: 'track_updated', data }));
  const by = { signature: undefined, token: instantSettings.SHIPPO_WEBHOOK_SECRET };
  await carrier.shippo({ raw, ...calledFromHere }, by);
}
