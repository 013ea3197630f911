import type { Areas } from './platform/http/index.js';

/** The areas of the API in the order in which a reader needs them, each with what it is for. */
export const areas: Areas = {
  auth: 'Sign in, stay signed in, sign out',
  intake: 'A prescription comes in: NCPDP SCRIPT, FHIR R4 or JSON',
  prescriptions: 'Where each one stands, what happened, what it waits for; correct and cancel',
  enrollment: 'The patient confirms coverage and consent through the magic link',
  routing: 'Which pharmacies can fill it, why, and the choice',
  adjudication: 'Claims, rejects, prices, coupons',
  payments: 'What is owed, payment links, invoices, refunds',
  shipping: 'Parcels, labels, what carriers and pharmacies reported',
  tickets: 'The hub of doctor, pharmacy, patient and operations',
  threads: 'What they say to one another on a ticket',
  notifications: 'Messages to people, and what patients answered by text',
  orders: 'Orders, subscriptions and customers of CarePortals',
  directory: 'Organizations, pharmacies, prescribers, patients, drugs',
  'webhook-endpoints': 'What integrators are told by webhook',
  webhooks: 'Where vendors tell us what happened',
  ops: 'The inbox of webhooks, work that failed for good, and the settings',
  users: 'Accounts of the organization',
  'api-keys': 'Keys for programs',
  audit: 'Who did what',
  'patient pages': 'What patients see without signing in',
  health: 'For machines',
};
