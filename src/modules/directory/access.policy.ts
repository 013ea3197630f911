import type { AccessAction, AccessRow } from '../audit/index.js';

export const accessorRoles = [
  'patient',
  'doctor',
  'pharmacy',
  'ops',
  'admin',
  'auditor',
  'integrator',
  'system',
] as const;
export type AccessorRole = (typeof accessorRoles)[number];

export const dataKinds = [
  'personal-details',
  'prescription',
  'order',
  'ticket',
  'insurance',
  'insurance-card',
  'insurance-claim',
  'payment',
  'shipment',
  'messages',
  'access-log',
  'other',
] as const;
export type DataKind = (typeof dataKinds)[number];

export interface Access {
  id: string;
  occurredAt: Date;
  who: { role: AccessorRole; name: string; self: boolean };
  action: AccessAction;
  data: DataKind;
  from: string | null;
}

/** What a patient calls the things audit entries name. */
const kindOfEntity: Readonly<Partial<Record<string, DataKind>>> = {
  patient: 'personal-details',
  patient_review: 'personal-details',
  customer: 'personal-details',
  prescription: 'prescription',
  intake_message: 'prescription',
  order: 'order',
  subscription: 'order',
  ticket: 'ticket',
  thread: 'messages',
  message: 'messages',
  message_history: 'messages',
  thread_reads: 'messages',
  attachment: 'messages',
  coverage: 'insurance',
  coverage_picture: 'insurance-card',
  claim: 'insurance-claim',
  invoice: 'payment',
  payment: 'payment',
  shipment: 'shipment',
  label: 'shipment',
  notification: 'messages',
  access_log: 'access-log',
};

export interface Accessors {
  /** Who is reading the log: the account, and the patient it speaks for. */
  self: readonly string[];
  /** Doctors and pharmacies by the account that looked. */
  names: ReadonlyMap<string, string>;
  /** What stands for staff and programs, whose names are their own affair. */
  organization: string;
}

export function accessOf(row: AccessRow, { self, names, organization }: Accessors): Access {
  const { id, occurredAt, action, actorId, entity, origin } = row;
  const name = actorId === null ? undefined : names.get(actorId);
  return {
    id,
    occurredAt,
    who: { role: roleOf(row), name: name ?? organization, self: actorId !== null && self.includes(actorId) },
    action,
    data: kindOfEntity[entity] ?? 'other',
    from: origin,
  };
}

function roleOf({ actorRole }: AccessRow): AccessorRole {
  return accessorRoles.find((role) => role === actorRole) ?? 'system';
}
