import { Injectable } from '@nestjs/common';
import { Database, type SqlValue, type Tx } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import { Customers } from './customers.service.js';
import { OrderEvent, OrderLineItem, type Order } from './order.entity.js';
import { OrderDetailsStore, type KeptAddress } from './order-details.store.js';
import { orderPatientSql } from './order-patient.sql.js';
import { fail } from './orders.errors.js';
import type { Contact } from './wire/parts.js';
import type { OrderWord } from './wire/words.policy.js';

export interface OrderFilter extends PageRequest {
  status?: OrderWord | undefined;
  /** `_id` or the number the customer reads. */
  reference?: string | undefined;
  patientId?: string | undefined;
  customerId?: string | undefined;
}

export interface OrderCustomer {
  id: string;
  patientId: string | null;
  firstName: string | null;
  lastName: string | null;
  phoneUnreachable: boolean;
}

export type ListedOrder = Omit<Order, 'contactId'> & { customer: OrderCustomer | null };

export interface WrittenPrescriptionRow {
  id: string;
  externalId: string;
  prescriptionId: string | null;
  drugName: string | null;
  quantity: string | null;
  status: string | null;
  writtenAt: Date;
}

export interface WholeOrder {
  order: ListedOrder;
  contact: Contact;
  lineItems: OrderLineItem[];
  addresses: KeptAddress[];
  events: OrderEvent[];
  prescriptions: WrittenPrescriptionRow[];
}

const patient = orderPatientSql('o', 'c');
const listed = `o.id, o.organization_id AS "organizationId", o.external_id AS "externalId", o.number, o.status,
  o.status_at AS "statusAt", o.source, o.coupon, o.currency, o.base_cents AS "baseCents",
  o.discount_cents AS "discountCents", o.credit_cents AS "creditCents", o.total_cents AS "totalCents",
  o.reduction_type AS "reductionType", o.findings, o.tracking_number AS "trackingNumber", o.carrier,
  o.tracking_url AS "trackingUrl", o.estimated_delivery::text AS "estimatedDelivery", o.placed_at AS "placedAt",
  o.created_at AS "createdAt", CASE WHEN customers.id IS NOT NULL THEN json_build_object('id', customers.id,
    'patientId', ${patient}, 'firstName', customers.first_name, 'lastName', customers.last_name,
    'phoneUnreachable', customers.phone_unreachable) END AS customer`;
const from = `orders o LEFT JOIN customer_contacts c ON c.id = o.contact_id LEFT JOIN customers ON customers.id = c.customer_id`;
/** Finds the few in which the patient is named at all. */
const namedIn = `c.customer_id IN (SELECT customer_id FROM customer_contacts WHERE patient_id = ?)`;

/** What people see of orders: in the scope of their role, and recorded. */
@Injectable()
export class OrdersDesk {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly customers: Customers,
    private readonly details: OrderDetailsStore,
  ) {}

  /** Newest first. */
  list(principal: Principal, filter: OrderFilter): Promise<Page<ListedOrder>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const conditions: [string, SqlValue | undefined][] = [
        ['o.organization_id = ?', principal.organizationId],
        ['o.status = ?', filter.status],
        ['(o.external_id = ? OR o.number = ?)', filter.reference],
        [`${namedIn} AND ${patient} = ?`, filter.patientId],
        ['customers.id = ?', filter.customerId],
        ['o.id < ?', filter.cursor],
      ];
      const given = conditions.filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
      const where = given.map(([sql], index) => sql.replaceAll('?', `$${index + 2}`)).join(' AND ');
      const rows = await tx.query<ListedOrder>(
        `SELECT ${listed} FROM ${from} WHERE ${where} ORDER BY o.id DESC LIMIT $1`,
        [filter.limit + 1, ...given.map(([, value]) => value)],
      );
      const page = pageOf(rows, filter.limit);
      const entityIds = page.items.flatMap(lookedAt);
      await this.audit.record(tx, { action: 'search', entity: 'order', entityIds });
      return page;
    });
  }

  /** @throws order.not-found */
  show(principal: Principal, id: string): Promise<WholeOrder> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const order = await tx.one<ListedOrder>(`SELECT ${listed} FROM ${from} WHERE o.id = $1`, [id]);
      if (order === undefined || !isSeenBy(tx.context, order)) throw fail('order.not-found');
      const [contact, lineItems, addresses, events, prescriptions] = await Promise.all([
        this.contactOf(tx, id),
        tx.rows(OrderLineItem, { orderId: id }, { order: { position: 'ASC' } }),
        this.details.addresses(tx, id),
        tx.rows(OrderEvent, { orderId: id }, { order: { occurredAt: 'ASC', id: 'ASC' } }),
        writtenFor(tx, id),
      ]);
      const entityIds = [...lookedAt(order), ...prescriptions.flatMap(({ prescriptionId }) => prescriptionId ?? [])];
      await this.audit.record(tx, { action: 'read', entity: 'order', entityIds });
      return { order, contact, lineItems, addresses, events, prescriptions };
    });
  }

  /** As the order itself names the customer. */
  private async contactOf(tx: Tx, orderId: string): Promise<Contact> {
    const row = await tx.one<{ id: string; sealed: Buffer }>(
      `SELECT c.id, c.contact_sealed AS sealed FROM orders o JOIN customer_contacts c ON c.id = o.contact_id WHERE o.id = $1`,
      [orderId],
    );
    return row === undefined ? {} : this.customers.opened(row);
  }
}

/** Whoever looks at an order looks at its patient. */
function lookedAt({ id, customer }: ListedOrder): string[] {
  return [id, customer?.patientId ?? []].flat();
}

function writtenFor(tx: Tx, orderId: string): Promise<WrittenPrescriptionRow[]> {
  return tx.query<WrittenPrescriptionRow>(
    `SELECT id, external_id AS "externalId", prescription_id AS "prescriptionId", drug_name AS "drugName", quantity, status,
       written_at AS "writtenAt"
     FROM external_prescriptions WHERE order_id = $1 ORDER BY written_at, id`,
    [orderId],
  );
}
