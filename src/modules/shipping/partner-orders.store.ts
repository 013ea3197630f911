import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { isId, newId } from '../../platform/ids/index.js';
import type { PlacedOrder } from './gateways/pharmacy-order.port.js';
import type { UpdateNames } from './lifefile.policy.js';
import { PartnerOrder } from './partner-order.entity.js';

/** Our Rx numbers have at most 12 digits (NCPDP 402-D2); longer ones are somebody else's. */
const rxNumberForm = /^\d{1,12}$/;

@Injectable()
export class PartnerOrdersStore {
  constructor(private readonly clock: Clock) {}

  async add(
    tx: Tx,
    about: { prescriptionId: string; organizationId: string; pharmacyId: string },
    placed: PlacedOrder,
  ): Promise<void> {
    await tx.send(
      `INSERT INTO partner_orders (id, prescription_id, organization_id, pharmacy_id, lifefile_order_id, fill_id, rx_number,
         reference_id, sent_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [
        newId(),
        about.prescriptionId,
        about.organizationId,
        about.pharmacyId,
        placed.id,
        placed.fillId,
        placed.rxNumber,
        about.prescriptionId,
        this.clock.now(),
      ],
    );
  }

  ofPrescription(tx: Tx, prescriptionId: string): Promise<PartnerOrder[]> {
    return tx.rows(PartnerOrder, { prescriptionId }, { order: { sentAt: 'ASC', id: 'ASC' } });
  }

  /** Whether the pharmacy itself reported that it cancelled or could not fill the order. */
  async endedThere(tx: Tx, prescriptionId: string): Promise<boolean> {
    const row = await tx.one(
      `SELECT 1 FROM prescription_status_events
       WHERE prescription_id = $1 AND actor_kind = 'pharmacy' AND action IN ('cancel', 'fail') LIMIT 1`,
      [prescriptionId],
    );
    return row !== undefined;
  }

  async setCancelled(tx: Tx, id: string): Promise<void> {
    await tx.send('UPDATE partner_orders SET cancelled_at = coalesce(cancelled_at, $2) WHERE id = $1', [
      id,
      this.clock.now(),
    ]);
  }

  /**
   * Whose prescription an update is about: by our reference, by our Rx number, by order and fill, by order and the pharmacy's
   * Rx number (standards 1). The first name that fits decides; several hits are the caller's to refuse.
   */
  async matching(tx: Tx, names: UpdateNames): Promise<string[]> {
    for (const look of looks) {
      const hits = await look(tx, names);
      if (hits.length > 0) return [...new Set(hits)];
    }
    return [];
  }
}

type Look = (tx: Tx, names: UpdateNames) => Promise<string[]>;

const looks: readonly Look[] = [
  async (tx, { referenceId }) =>
    isId(referenceId) ? idsOf(tx, 'SELECT id FROM prescriptions WHERE id = $1', [referenceId]) : [],
  async (tx, { foreignRxNumber }) => {
    if (foreignRxNumber === undefined) return [];
    if (isId(foreignRxNumber)) return idsOf(tx, 'SELECT id FROM prescriptions WHERE id = $1', [foreignRxNumber]);
    if (!rxNumberForm.test(foreignRxNumber)) return [];
    return idsOf(tx, 'SELECT id FROM prescriptions WHERE rx_number = $1', [foreignRxNumber]);
  },
  async (tx, { orderId, fillId }) =>
    orderId === undefined || fillId === undefined ? [] : idsOf(tx, `${byOrder} AND fill_id = $2`, [orderId, fillId]),
  async (tx, { orderId, rxNumber }) =>
    orderId === undefined || rxNumber === undefined
      ? []
      : idsOf(tx, `${byOrder} AND rx_number = $2`, [orderId, rxNumber]),
  // Some pharmacies answer an order with its number alone.
  async (tx, { orderId }) =>
    orderId === undefined ? [] : idsOf(tx, `${byOrder} AND fill_id IS NULL AND rx_number IS NULL`, [orderId]),
];

const byOrder = 'SELECT prescription_id AS id FROM partner_orders WHERE lifefile_order_id = $1';

async function idsOf(tx: Tx, text: string, values: readonly string[]): Promise<string[]> {
  return (await tx.query<{ id: string }>(text, values)).map(({ id }) => id);
}
