import type { PharmacyKind } from '../directory/index.js';
import type { PrescriptionState } from '../prescriptions/index.js';
import type { TicketStatus } from '../tickets/index.js';

/** Whether a ticket `t` may have a clock at all. */
export const isWithPharmacy = `t.status IN ('sent', 'received', 'processing', 'ready')`;

type Turns = Readonly<Partial<Record<PrescriptionState, TicketStatus | null>>>;

/** Not the pharmacy's turn, but the patient's, the carrier's, or that of whoever mends an issue: no clock. */
const others: Turns = {
  validation_issue: null,
  awaiting_enrollment: null,
  routing_issue: null,
  adjudication_issue: null,
  awaiting_payment: null,
  in_transit: null,
  out_for_delivery: null,
};

/**
 * The status whose hours count in a state of the first prescription; elsewhere it is the ticket's own. With a label of ours an
 * order is `shipped` before the pharmacy has filled it: until the first scan it is to hand the parcel over.
 */
const clockAt: Readonly<Record<PharmacyKind, Turns>> = {
  platform_label: { ...others, shipped: 'ready' },
  partner: { ...others, shipped: null },
};
const turns = `('${JSON.stringify(clockAt)}'::jsonb -> ph.kind)`;

/** Tickets `t` at a pharmacy `ph`, with their first prescription `p`, if any. */
export const ticketsAtPharmacies = `healthcare_tickets t JOIN pharmacies ph ON ph.id = t.secondary_provider_id
  LEFT JOIN prescriptions p ON p.id = t.prescription_id`;

/** The status whose hours count. Null: none. */
export const clockOf = `CASE WHEN ${turns} ? p.state THEN ${turns} ->> p.state ELSE t.status END`;
