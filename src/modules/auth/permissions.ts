/** Roles and what each may do: one table. Default is refusal, and out of scope looks like not found. */
export const roleNames = ['patient', 'doctor', 'pharmacy', 'ops', 'admin', 'integrator', 'auditor'] as const;
export type Role = (typeof roleNames)[number];

export const permissionNames = [
  'intake:write',
  'originals:read',
  'prescriptions:read',
  'prescriptions:write',
  'prescriptions:cancel',
  'enrollment:write',
  'coverages:read',
  'routing:read',
  'routing:write',
  'claims:read',
  'claims:write',
  'payments:read',
  'payments:write',
  'shipping:read',
  'shipping:write',
  'labels:read',
  'tickets:read',
  'tickets:write',
  'tickets:assign',
  'tickets:triage',
  'notifications:read',
  'notifications:write',
  'orders:read',
  'orders:write',
  'webhooks:read',
  'webhooks:replay',
  'webhook-endpoints:read',
  'webhook-endpoints:write',
  'webhooks:reveal',
  'webhooks:import',
  'dead-letters:read',
  'dead-letters:write',
  'directory:read',
  'directory:write',
  'drugs:write',
  'organizations:read',
  'organizations:write',
  'users:write',
  'api-keys:write',
  'audit:read',
  'settings:read',
  'deployment:read',
  'queues:read',
  'account:read',
  'access-log:read',
] as const;
export type Permission = (typeof permissionNames)[number];

const patient: readonly Permission[] = [
  'account:read',
  'access-log:read',
  'prescriptions:read',
  'payments:read',
  'shipping:read',
  'tickets:read',
  'tickets:write',
];

const pharmacy: readonly Permission[] = [
  'account:read',
  'prescriptions:read',
  'shipping:read',
  // Labels are for those who pack; patients and doctors follow the parcel instead.
  'labels:read',
  'tickets:read',
  'tickets:write',
];

const doctor: readonly Permission[] = [
  'account:read',
  'intake:write',
  'prescriptions:read',
  'prescriptions:write',
  'prescriptions:cancel',
  'routing:read',
  'claims:read',
  'shipping:read',
  'tickets:read',
  'tickets:write',
  'tickets:assign',
  'directory:read',
];

const ops: readonly Permission[] = [
  ...doctor,
  'tickets:triage',
  // The whole message, coverage and addresses included, is for those who mend what is wrong with it.
  'originals:read',
  'enrollment:write',
  // What is on file of a patient's insurance; a doctor reads what came of it, the claims.
  'coverages:read',
  'routing:write',
  'claims:write',
  'payments:read',
  'payments:write',
  'shipping:write',
  'labels:read',
  'notifications:read',
  'notifications:write',
  'orders:read',
  'orders:write',
  'webhooks:read',
  'webhooks:replay',
  'webhook-endpoints:read',
  'webhook-endpoints:write',
  'webhooks:reveal',
  'webhooks:import',
  'dead-letters:read',
  'dead-letters:write',
  'directory:write',
  'settings:read',
  'queues:read',
];

const admin: readonly Permission[] = [
  ...ops,
  // How the installation is set up, beside the own organization.
  'deployment:read',
  'drugs:write',
  'organizations:read',
  'organizations:write',
  'users:write',
  'api-keys:write',
  'audit:read',
];

const forPeopleOnly: ReadonlySet<Permission> = new Set([
  'queues:read',
  'originals:read',
  'webhooks:reveal',
  'webhooks:import',
]);

/** What a key may be given at most; the key itself names its scopes. */
const integrator: readonly Permission[] = ops.filter((permission) => !forPeopleOnly.has(permission));

export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  patient,
  doctor,
  pharmacy,
  ops,
  admin,
  integrator,
  auditor: ['account:read', 'audit:read'],
};

export function isPermission(value: string): value is Permission {
  return (permissionNames as readonly string[]).includes(value);
}
