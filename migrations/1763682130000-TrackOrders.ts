import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MeasureWhatWasShipped1763681925000 } from './1763681925000-MeasureWhatWasShipped.js';

/**
 * `prescription_tracking` names CarePortals' order as well, for those who may see it: of several that name the prescription the one
 * that was written last. Columns are only added at the end, so that replacing the view keeps who may read it.
 */
export class TrackOrders1763682130000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(view);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW prescription_tracking');
    await new MeasureWhatWasShipped1763681925000().up(runner);
  }
}

const hoursBetween = (from: string, to: string) => `round(extract(epoch FROM ${to} - ${from})::numeric / 3600, 2)`;

const view = `CREATE OR REPLACE VIEW prescription_tracking WITH (security_invoker = true) AS
  SELECT p.id AS prescription_id, p.organization_id, p.ticket_id, p.rx_number, p.patient_id,
    pt.first_name AS patient_first_name, pt.last_name AS patient_last_name,
    p.drug_description, p.ndc, p.quantity, p.quantity_unit, p.days_supply, p.path, p.state AS status, p.state_since,
    p.pharmacy_id, ph.name AS pharmacy_name,
    s.carrier, s.tracking_number, s.status AS shipment_status, s.estimated_delivery,
    p.received_at, s.shipped_at, time.delivered_at, time.completed_at,
    ${hoursBetween('p.received_at', 's.shipped_at')} AS hours_to_ship,
    ${hoursBetween('s.shipped_at', 'time.delivered_at')} AS hours_in_transit,
    ${hoursBetween('p.received_at', 'time.delivered_at')} AS hours_to_deliver,
    ${hoursBetween('p.received_at', 'time.completed_at')} AS hours_to_complete,
    o.id AS order_id, o.number AS order_number
  FROM prescriptions p
  LEFT JOIN patients pt ON pt.id = p.patient_id
  LEFT JOIN pharmacies ph ON ph.id = p.pharmacy_id
  LEFT JOIN LATERAL (
    SELECT carrier, tracking_number, status, estimated_delivery, shipped_at, delivered_at
    FROM shipments WHERE shipments.prescription_id = p.id AND shipments.status <> 'voided'
    ORDER BY coalesce(purchased_at, created_at) DESC, id DESC LIMIT 1) s ON true
  LEFT JOIN LATERAL (
    SELECT orders.id, orders.number FROM external_prescriptions x JOIN orders ON orders.id = x.order_id
    WHERE x.prescription_id = p.id ORDER BY x.written_at DESC, x.id DESC LIMIT 1) o ON true
  CROSS JOIN LATERAL (
    SELECT CASE WHEN p.state IN ('delivered', 'completed') THEN coalesce(s.delivered_at, p.outcome_at) END AS delivered_at,
      CASE WHEN p.state = 'completed' THEN p.completed_at END AS completed_at) AS time`;
