import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { SqlValue, Tx } from '../../platform/db/index.js';
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

  /** Whether the pharmacy itself reported that it cancelled, could not fill or has back the order. */
  async endedThere(tx: Tx, prescriptionId: string): Promise<boolean> {
    const row = await tx.one(
      `SELECT 1 FROM prescription_status_events
       WHERE prescription_id = $1 AND actor_kind = 'pharmacy' AND action IN ('cancel', 'fail', 'return') LIMIT 1`,
      [prescriptionId],
    );
    return row !== undefined;
  }

  /** Whether a parcel of it was reported on its way, or by its carrier at all. */
  async hasLeft(tx: Tx, prescriptionId: string): Promise<boolean> {
    const row = await tx.one(
      `SELECT 1 FROM prescription_status_events WHERE prescription_id = $1 AND (actor_kind = 'carrier'
         OR action IN ('ship', 'scan', 'scan_out_for_delivery', 'deliver')) LIMIT 1`,
      [prescriptionId],
    );
    return row !== undefined;
  }

  /** Whether the pharmacy itself reported anything of it. */
  async isReported(tx: Tx, prescriptionId: string): Promise<boolean> {
    const row = await tx.one(
      `SELECT 1 FROM prescription_status_events WHERE prescription_id = $1 AND actor_kind = 'pharmacy' LIMIT 1`,
      [prescriptionId],
    );
    return row !== undefined;
  }

  /** The last time a person had a dead letter of this reason run again, which is an answer to what it asks. */
  redriven(tx: Tx, prescriptionId: string, reason: string): Promise<{ askedAt: Date; redrivenAt: Date } | undefined> {
    return tx.one<{ askedAt: Date; redrivenAt: Date }>(
      `SELECT max(created_at) AS "askedAt", max(redriven_at) AS "redrivenAt" FROM dead_letters
       WHERE aggregate_id = $1 AND reason = $2 AND redriven_at IS NOT NULL HAVING count(*) > 0`,
      [prescriptionId, reason],
    );
  }

  async setCancelled(tx: Tx, id: string): Promise<void> {
    await tx.send('UPDATE partner_orders SET cancelled_at = coalesce(cancelled_at, $2) WHERE id = $1', [
      id,
      this.clock.now(),
    ]);
  }

  /**
   * Whose prescription an update is about: by our reference, by our Rx number, by order and fill, by order and the pharmacy's
   * Rx number. The first name that fits decides; several hits are the caller's to refuse.
   * @param within organizations it must be of, each of them
   */
  async matching(tx: Tx, names: UpdateNames, within: readonly string[] = []): Promise<string[]> {
    for (const look of looks) {
      const hits = await look(tx, names, within);
      if (hits.length > 0) return [...new Set(hits)];
    }
    return [];
  }

  /** Whether an order number belongs to an order that was placed at another pharmacy than the one that fills now. */
  async isElsewhere(
    tx: Tx,
    about: { prescriptionId: string; pharmacyId: string | null; orderId: string | undefined },
  ): Promise<boolean> {
    if (about.orderId === undefined) return false;
    const placed = await tx.query<{ here: boolean }>(
      `SELECT pharmacy_id IS NOT DISTINCT FROM $3::uuid AS here FROM partner_orders
       WHERE prescription_id = $1 AND lifefile_order_id = $2`,
      [about.prescriptionId, about.orderId, about.pharmacyId],
    );
    return placed.length > 0 && !placed.some(({ here }) => here);
  }

  /** Whether an update is about a further fill that the pharmacy made of our order by itself, as its refills allow. */
  async isOtherFill(tx: Tx, prescriptionId: string, { orderId, fillId }: UpdateNames): Promise<boolean> {
    if (orderId === undefined || fillId === undefined) return false;
    const placed = await tx.query<{ other: boolean | null }>(
      'SELECT fill_id <> $3 AS other FROM partner_orders WHERE prescription_id = $1 AND lifefile_order_id = $2',
      [prescriptionId, orderId, fillId],
    );
    return placed.length > 0 && placed.every(({ other }) => other === true);
  }
}

type Look = (tx: Tx, names: UpdateNames, within: readonly string[]) => Promise<string[]>;

const looks: readonly Look[] = [
  async (tx, { referenceId }, within) => (isId(referenceId) ? idsOf(tx, byId, [within, referenceId]) : []),
  async (tx, { foreignRxNumber }, within) => {
    if (foreignRxNumber === undefined) return [];
    if (isId(foreignRxNumber)) return idsOf(tx, byId, [within, foreignRxNumber]);
    if (!rxNumberForm.test(foreignRxNumber)) return [];
    return idsOf(tx, `SELECT id FROM prescriptions WHERE ${inside} AND rx_number = $2`, [within, foreignRxNumber]);
  },
  async (tx, { orderId, fillId }, within) =>
    orderId === undefined || fillId === undefined
      ? []
      : idsOf(tx, `${byOrder} AND fill_id = $3`, [within, orderId, fillId]),
  async (tx, { orderId, rxNumber }, within) =>
    orderId === undefined || rxNumber === undefined
      ? []
      : idsOf(tx, `${byOrder} AND rx_number = $3`, [within, orderId, rxNumber]),
  // Some pharmacies answer an order with its number alone.
  async (tx, { orderId }, within) =>
    orderId === undefined ? [] : idsOf(tx, `${byOrder} AND fill_id IS NULL AND rx_number IS NULL`, [within, orderId]),
];

/** A source that belongs to one organization speaks of its prescriptions only. */
const inside = 'organization_id = ALL ($1::uuid[])';
const byId = `SELECT id FROM prescriptions WHERE ${inside} AND id = $2`;
const byOrder = `SELECT prescription_id AS id FROM partner_orders WHERE ${inside} AND lifefile_order_id = $2`;

async function idsOf(tx: Tx, text: string, values: readonly SqlValue[]): Promise<string[]> {
  return (await tx.query<{ id: string }>(text, values)).map(({ id }) => id);
}
