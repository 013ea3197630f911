import type { TestApp } from './app.js';

/** What a refused request could have left behind. Audit entries and counters are left out: refusals write those. */
const tables = [
  'organizations',
  'users',
  'api_keys',
  'providers',
  'patients',
  'patient_reviews',
  'pharmacies',
  'drugs',
  'coupons',
  'healthcare_tickets',
  'chat_threads',
  'chat_messages',
  'chat_attachments',
  'chat_reads',
  'intake_messages',
  'prescriptions',
  'prescription_versions',
  'prescription_status_events',
  'enrollment_links',
  'enrollment_sessions',
  'coverages',
  'consents',
  'claims',
  'claim_corrections',
  'prior_authorizations',
  'invoices',
  'payments',
  'refunds',
  'shipments',
  'tracking_events',
  'partner_orders',
  'notifications',
  'opt_outs',
  'webhook_events',
  'cancellation_steps',
  'cancel_suggestions',
  'dead_letters',
  'effects',
  'outbox_events',
] as const;

const counts = tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`).join(', ');

export async function rowCounts(app: Pick<TestApp, 'sql'>): Promise<Record<string, number>> {
  return (await app.sql<Record<string, number>>(`SELECT ${counts}`))[0] ?? {};
}
