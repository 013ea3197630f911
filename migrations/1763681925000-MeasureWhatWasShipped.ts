import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `prescription_tracking` shows the newest parcel that can arrive, whoever sent it: a label that was given back is none, unless the
 * carrier has scanned it all the same. Its measures are those of the order: one that was picked up was delivered, and one that is
 * not delivered, or no more, was neither delivered nor completed. Replacing the view keeps who may read it.
 */
export class MeasureWhatWasShipped1763681925000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(viewOf(measured));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(viewOf(before));
  }
}

interface Measures {
  deliveredAt: string;
  completedAt: string;
  parcel: string;
}

const measured: Measures = {
  deliveredAt: `CASE WHEN p.state IN ('delivered', 'completed') THEN coalesce(s.delivered_at, p.outcome_at) END`,
  completedAt: `CASE WHEN p.state = 'completed' THEN p.completed_at END`,
  parcel: `AND shipments.status <> 'voided' ORDER BY coalesce(purchased_at, created_at) DESC, id DESC`,
};
const before: Measures = {
  deliveredAt: 's.delivered_at',
  completedAt: 'p.completed_at',
  parcel: 'ORDER BY purchased_at DESC NULLS LAST, id DESC',
};

const hoursBetween = (from: string, to: string) => `round(extract(epoch FROM ${to} - ${from})::numeric / 3600, 2)`;

const viewOf = ({ deliveredAt, completedAt, parcel }: Measures) =>
  `CREATE OR REPLACE VIEW prescription_tracking WITH (security_invoker = true) AS
  SELECT p.id AS prescription_id, p.organization_id, p.ticket_id, p.rx_number, p.patient_id,
    pt.first_name AS patient_first_name, pt.last_name AS patient_last_name,
    p.drug_description, p.ndc, p.quantity, p.quantity_unit, p.days_supply, p.path, p.state AS status, p.state_since,
    p.pharmacy_id, ph.name AS pharmacy_name,
    s.carrier, s.tracking_number, s.status AS shipment_status, s.estimated_delivery,
    p.received_at, s.shipped_at, time.delivered_at, time.completed_at,
    ${hoursBetween('p.received_at', 's.shipped_at')} AS hours_to_ship,
    ${hoursBetween('s.shipped_at', 'time.delivered_at')} AS hours_in_transit,
    ${hoursBetween('p.received_at', 'time.delivered_at')} AS hours_to_deliver,
    ${hoursBetween('p.received_at', 'time.completed_at')} AS hours_to_complete
  FROM prescriptions p
  LEFT JOIN patients pt ON pt.id = p.patient_id
  LEFT JOIN pharmacies ph ON ph.id = p.pharmacy_id
  LEFT JOIN LATERAL (
    SELECT carrier, tracking_number, status, estimated_delivery, shipped_at, delivered_at
    FROM shipments WHERE shipments.prescription_id = p.id ${parcel} LIMIT 1) s ON true
  CROSS JOIN LATERAL (SELECT ${deliveredAt} AS delivered_at, ${completedAt} AS completed_at) AS time`;
