import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Order, patient, parcel and time measures in one row, for people with SQL and for reports. `security_invoker`: whoever
 * reads it sees the rows the tables below would show.
 */
export class CreatePrescriptionTracking1763681200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(view);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW prescription_tracking');
  }
}

const hoursBetween = (from: string, to: string) => `round(extract(epoch FROM ${to} - ${from})::numeric / 3600, 2)`;

const view = `CREATE VIEW prescription_tracking WITH (security_invoker = true) AS
  SELECT p.id AS prescription_id, p.organization_id, p.ticket_id, p.rx_number, p.patient_id,
    pt.first_name AS patient_first_name, pt.last_name AS patient_last_name,
    p.drug_description, p.ndc, p.quantity, p.quantity_unit, p.days_supply, p.path, p.state AS status, p.state_since,
    p.pharmacy_id, ph.name AS pharmacy_name,
    s.carrier, s.tracking_number, s.status AS shipment_status, s.estimated_delivery,
    p.received_at, s.shipped_at, s.delivered_at, p.completed_at,
    ${hoursBetween('p.received_at', 's.shipped_at')} AS hours_to_ship,
    ${hoursBetween('s.shipped_at', 's.delivered_at')} AS hours_in_transit,
    ${hoursBetween('p.received_at', 's.delivered_at')} AS hours_to_deliver,
    ${hoursBetween('p.received_at', 'p.completed_at')} AS hours_to_complete
  FROM prescriptions p
  LEFT JOIN patients pt ON pt.id = p.patient_id
  LEFT JOIN pharmacies ph ON ph.id = p.pharmacy_id
  LEFT JOIN LATERAL (
    SELECT carrier, tracking_number, status, estimated_delivery, shipped_at, delivered_at
    FROM shipments WHERE shipments.prescription_id = p.id
    ORDER BY purchased_at DESC NULLS LAST, id DESC LIMIT 1) s ON true`;
