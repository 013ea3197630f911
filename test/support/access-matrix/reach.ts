import type { Role } from '../../../src/modules/auth/index.js';

/** Everyone who can send a request. `nobody` has not signed in. */
export const callers = [
  'patient',
  'doctor',
  'pharmacy',
  'ops',
  'admin',
  'integrator',
  'auditor',
  'nobody',
] as const satisfies readonly (Role | 'nobody')[];
export type CallerName = (typeof callers)[number];

/** Whose the addressed thing is, seen from the caller; further away with each step. Of `nobody` is an id that names nothing. */
export const owners = ['own', 'neighbour', 'other organization', 'nobody'] as const;
export type OwnerName = (typeof owners)[number];

/** How far a caller sees: each step takes in one more of `owners`, and an id that names nothing is never found. */
const steps = { nothing: 0, 'the own': 1, 'the organization': 2, everything: 3 } as const;
type Reach = keyof typeof steps;

interface ReachOfKind {
  /** Doctor, pharmacy and patient. */
  parties: Reach;
  /** Operations, administrators, keys of programs, auditors. */
  staff: Reach;
}

const ofTheParties: ReachOfKind = { parties: 'the own', staff: 'the organization' };
const ofTheStaff: ReachOfKind = { parties: 'nothing', staff: 'the organization' };
const ofTheOrganization: ReachOfKind = { parties: 'the organization', staff: 'the organization' };
const ofEveryone: ReachOfKind = { parties: 'everything', staff: 'everything' };

/** What an id in a path can name, and who finds it there. */
const reachOf = {
  prescription: ofTheParties,
  ticket: ofTheParties,
  thread: ofTheParties,
  /** One for all on the ticket; who reads the other audiences is row-security.spec.ts's. */
  message: ofTheParties,
  attachment: ofTheParties,
  claim: ofTheParties,
  invoice: ofTheParties,
  shipment: ofTheParties,
  notification: ofTheParties,
  /** A doctor has the patients of the prescriptions that name the doctor. */
  patient: ofTheParties,
  coverage: ofTheStaff,
  review: ofTheStaff,
  order: ofTheStaff,
  subscription: ofTheStaff,
  customerReview: ofTheStaff,
  user: ofTheStaff,
  apiKey: ofTheStaff,
  deadLetter: ofTheStaff,
  webhookEvent: ofTheStaff,
  inboundText: ofTheStaff,
  webhookEndpoint: ofTheStaff,
  webhookDelivery: ofTheStaff,
  webhookReplay: ofTheStaff,
  /** Whoever prescribes or fills must find the others of the organization. */
  pharmacy: ofTheOrganization,
  provider: ofTheOrganization,
  /** One register each for the whole installation. */
  organization: ofEveryone,
  /** The one an administrator works for. */
  ownOrganization: ofTheStaff,
  drug: ofEveryone,
  /** Not the caller but the secret in the path is what opens. */
  enrollmentLink: ofEveryone,
  trackingLink: ofEveryone,
} as const satisfies Record<string, ReachOfKind>;
export type Thing = keyof typeof reachOf;
export const things = Object.keys(reachOf) as Thing[];

const notStaff: ReadonlySet<CallerName> = new Set(['patient', 'doctor', 'pharmacy', 'nobody']);

export function finds(caller: CallerName, thing: Thing, owner: OwnerName): boolean {
  const reach = reachOf[thing][notStaff.has(caller) ? 'parties' : 'staff'];
  return owners.indexOf(owner) < steps[reach];
}
