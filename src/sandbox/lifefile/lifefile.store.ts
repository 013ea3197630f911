import { z } from 'zod';
import { digits } from '../core/ids.js';
import { hexHmac } from '../core/signatures.js';
import type { World } from '../core/world.js';

const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : String(value)));

const rx = z.looseObject({
  drugName: z.string().min(1),
  quantity: z.union([z.number(), z.string()]).transform(Number),
  foreignRxNumber: text,
});

/** What the pharmacy needs of an order; everything else is kept as it came. */
export const orderInput = z.looseObject({
  message: z.looseObject({ id: text }).optional(),
  referenceId: text,
  order: z.looseObject({
    referenceId: text,
    general: z.looseObject({ memo: text, referenceId: text }).optional(),
    patient: z.looseObject({ lastName: z.string().min(1), firstName: z.string().min(1) }),
    shipping: z.looseObject({ zipCode: text }).optional(),
    rxs: z.array(rx).min(1).max(20),
  }),
});
export type OrderInput = z.infer<typeof orderInput>;

export const orderStatuses = [
  'order_received',
  'order_processing',
  'order_ready',
  'order_shipped',
  'order_out_for_delivery',
  'order_delivered',
  'order_cancelled',
  'order_failed',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

interface Fill {
  fillId: string;
  rxNumber: string;
  foreignRxNumber: string | undefined;
  medicationName: string;
  quantity: number;
}

export interface PharmacyOrder {
  orderId: string;
  referenceId: string;
  status: OrderStatus | null;
  history: { status: OrderStatus; at: string }[];
  fills: Fill[];
  tracking: { trackingNumber: string; carrier: string; estimatedDelivery: string } | null;
  received: OrderInput;
}

export class LifefileRefusal extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** Hours after the order came in at which a compounding pharmacy reaches each step. */
const plan: readonly { afterHours: number; status: OrderStatus }[] = [
  { afterHours: 0.2, status: 'order_received' },
  { afterHours: 2, status: 'order_processing' },
  { afterHours: 24, status: 'order_ready' },
  { afterHours: 30, status: 'order_shipped' },
  { afterHours: 72, status: 'order_out_for_delivery' },
  { afterHours: 78, status: 'order_delivered' },
];
const SECONDS_PER_HOUR = 3600;
const SHIPPING_DAYS = 2;

const closed = new Set<OrderStatus>(['order_delivered', 'order_cancelled', 'order_failed']);
const handedOver = new Set<OrderStatus>(['order_shipped', 'order_out_for_delivery', 'order_delivered']);

/** A partner pharmacy's order book: works by itself, and tells the application every change. */
export class OrderBook {
  private readonly orders = new Map<string, PharmacyOrder>();
  private readonly byReference = new Map<string, PharmacyOrder>();

  constructor(private readonly world: World) {}

  reset(): void {
    this.orders.clear();
    this.byReference.clear();
  }

  list(): PharmacyOrder[] {
    return [...this.orders.values()].reverse();
  }

  /** Where references are known, the same one is the same order, however often it is sent. */
  place(input: OrderInput): PharmacyOrder {
    const referenceId = referenceOf(input);
    if (referenceId === undefined)
      throw new LifefileRefusal(400, 'order.general.referenceId or rxs[0].foreignRxNumber is required.');
    const known = this.world.settings.lifefileLookup ? this.byReference.get(referenceId) : undefined;
    const order = known ?? this.open(referenceId, input);
    this.world.ledger.record({
      vendor: 'lifefile',
      kind: 'order',
      key: referenceId,
      id: order.orderId,
      replayed: known !== undefined,
      digest: { prescriptions: order.fills.length },
    });
    return order;
  }

  find(orderId: string): PharmacyOrder {
    const order = this.orders.get(orderId);
    if (!order) throw new LifefileRefusal(404, `Order ${orderId} not found.`);
    return order;
  }

  findByReference(referenceId: string): PharmacyOrder {
    const order = this.byReference.get(referenceId);
    if (!order) throw new LifefileRefusal(404, 'Order not found.');
    return order;
  }

  cancel(orderId: string): PharmacyOrder {
    const order = this.find(orderId);
    if (order.status === 'order_cancelled') return order;
    if (order.status && (closed.has(order.status) || handedOver.has(order.status))) {
      throw new LifefileRefusal(409, `An order that is ${order.status} cannot be cancelled.`);
    }
    this.world.ledger.record({ vendor: 'lifefile', kind: 'cancellation', key: order.referenceId, id: orderId });
    return this.advance(orderId, 'order_cancelled');
  }

  /** Any status at any time: an admin may also go back, as pharmacies do. */
  advance(orderId: string, status: OrderStatus): PharmacyOrder {
    const order = this.find(orderId);
    const previous = order.status;
    const changedAt = new Date().toISOString();
    order.status = status;
    order.history.push({ status, at: changedAt });
    if (handedOver.has(status)) order.tracking ??= newTracking();
    for (const fill of order.fills) this.push(order, fill, previous, changedAt);
    return order;
  }

  private open(referenceId: string, input: OrderInput): PharmacyOrder {
    const order: PharmacyOrder = {
      orderId: `77${digits(8)}`,
      referenceId,
      status: null,
      history: [],
      fills: input.order.rxs.map((one) => ({
        fillId: `1${digits(6)}`,
        rxNumber: `6${digits(7)}`,
        foreignRxNumber: one.foreignRxNumber ?? (input.order.rxs.length === 1 ? referenceId : undefined),
        medicationName: one.drugName,
        quantity: one.quantity,
      })),
      tracking: null,
      received: input,
    };
    this.orders.set(order.orderId, order);
    this.byReference.set(referenceId, order);
    this.schedule(order, 0);
    return order;
  }

  private schedule(order: PharmacyOrder, index: number): void {
    const step = plan[index];
    if (!step) return;
    const hours = step.afterHours - (plan[index - 1]?.afterHours ?? 0);
    this.world.scheduler.afterLife(hours * SECONDS_PER_HOUR, () => {
      if (this.orders.get(order.orderId) !== order) return;
      if (order.status && closed.has(order.status)) return;
      const reached = plan.findIndex((one) => one.status === order.status);
      if (reached < index) this.advance(order.orderId, step.status);
      this.schedule(order, index + 1);
    });
  }

  private push(order: PharmacyOrder, fill: Fill, previous: OrderStatus | null, changedAt: string): void {
    const { settings, webhooks } = this.world;
    if (settings.appUrl === '' || order.status === null) return;
    const body = JSON.stringify({
      eventType: 'prescription.status.update',
      timestamp: changedAt,
      referenceId: order.referenceId,
      prescription: {
        rxNumber: fill.rxNumber,
        orderId: order.orderId,
        fillId: fill.fillId,
        ...(fill.foreignRxNumber !== undefined && { foreignRxNumber: fill.foreignRxNumber }),
        medicationName: fill.medicationName,
        quantity: fill.quantity,
      },
      status: { current: order.status, previous, changedAt },
      ...(order.tracking && { tracking: order.tracking }),
    });
    const { lifefile: secret, lifefileUser, lifefilePassword } = settings.secrets;
    const basic =
      lifefileUser && lifefilePassword ? Buffer.from(`${lifefileUser}:${lifefilePassword}`).toString('base64') : null;
    webhooks.send({
      vendor: 'lifefile',
      event: order.status,
      contentType: 'application/json',
      body,
      address: (forged) => ({
        url: `${settings.appUrl}/api/webhooks/lifefile/prescription-status`,
        headers: {
          'x-lifefile-signature': hexHmac(secret, forged ? `${body} ` : body),
          ...(basic !== null && !forged && { authorization: `Basic ${basic}` }),
        },
      }),
    });
  }
}

/** Integrations put their own id in different places; the first that is filled counts. */
function referenceOf({ order, referenceId, message }: OrderInput): string | undefined {
  return order.general?.referenceId ?? order.referenceId ?? referenceId ?? order.rxs[0]?.foreignRxNumber ?? message?.id;
}

function newTracking(): PharmacyOrder['tracking'] {
  const due = new Date(Date.now() + SHIPPING_DAYS * 86_400_000);
  return { trackingNumber: `1Z999AA1${digits(10)}`, carrier: 'UPS', estimatedDelivery: due.toISOString().slice(0, 10) };
}
