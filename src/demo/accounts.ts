import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ApiClient } from './client.js';
import type { Furniture } from './furnish.js';

/** Who may sign in, in the order the table shows them. */
const houseAccounts = ['ops', 'doctor', 'pharmacy', 'auditor', 'patient'] as const;
type HouseAccount = (typeof houseAccounts)[number];

const keptShape = z.object({
  adminEmail: z.email(),
  adminPassword: z.string().min(12),
  password: z.string().min(12),
  apiKey: z.string().optional(),
});
/** Kept beside the data, readable by the owner only: a second run signs in with the same. */
export type KeptAccounts = z.output<typeof keptShape>;

const fileName = 'demo-accounts.json';
const allScopes = ['intake:write', 'prescriptions:read', 'directory:read'];

/** @param env ADMIN_EMAIL and ADMIN_PASSWORD win over what is kept, for a database that has its administrator already */
export async function keepAccounts(
  dataDir: string,
  env: { ADMIN_EMAIL?: string | undefined; ADMIN_PASSWORD?: string | undefined },
): Promise<KeptAccounts> {
  const kept = await readKept(dataDir);
  const own: KeptAccounts = {
    adminEmail: kept?.adminEmail ?? emailOf('admin'),
    adminPassword: kept?.adminPassword ?? newPassword(),
    password: kept?.password ?? newPassword(),
    ...(kept?.apiKey !== undefined && { apiKey: kept.apiKey }),
  };
  await writeKept(dataDir, own);
  return {
    ...own,
    ...(env.ADMIN_EMAIL !== undefined && { adminEmail: env.ADMIN_EMAIL }),
    ...(env.ADMIN_PASSWORD !== undefined && { adminPassword: env.ADMIN_PASSWORD }),
  };
}

export function emailOf(account: string): string {
  return `${account}@pharmonico.example`;
}

/** Creates or mends the accounts of the house. @returns operations, signed in */
export async function openAccounts(
  admin: ApiClient,
  kept: KeptAccounts,
  { providerId, pharmacies }: Furniture,
): Promise<ApiClient> {
  const links: Record<Exclude<HouseAccount, 'patient'>, object> = {
    ops: {},
    doctor: { providerId },
    pharmacy: { pharmacyId: pharmacies.get('Harbor Pharmacy') },
    auditor: {},
  };
  for (const [role, link] of Object.entries(links)) await ensureUser(admin, role, kept.password, link);
  return ApiClient.signIn(admin.url, emailOf('ops'), kept.password);
}

/** The patient of one prescription can sign in, too. */
export function openPatientAccount(admin: ApiClient, kept: KeptAccounts, patientId: string): Promise<void> {
  return ensureUser(admin, 'patient', kept.password, { patientId });
}

/** The key of the prescribers' system; a key that does not work any more is replaced. */
export async function integratorOf(admin: ApiClient, kept: KeptAccounts, dataDir: string): Promise<ApiClient> {
  const known = kept.apiKey === undefined ? undefined : ApiClient.withToken(admin.url, kept.apiKey);
  if (known !== undefined && (await works(known))) return known;
  const { key } = await admin.post<{ key: string }>('/api/api-keys', { name: 'demo prescribers', scopes: allScopes });
  const own = await readKept(dataDir);
  if (own !== undefined) await writeKept(dataDir, { ...own, apiKey: key });
  return ApiClient.withToken(admin.url, key);
}

/** A password somebody chose is not printed. */
export function signIns(
  kept: KeptAccounts,
  env: { ADMIN_PASSWORD?: string | undefined },
): { email: string; password: string }[] {
  const house = houseAccounts.map((account) => ({ email: emailOf(account), password: kept.password }));
  const adminPassword = env.ADMIN_PASSWORD === undefined ? kept.adminPassword : '(ADMIN_PASSWORD)';
  return [{ email: kept.adminEmail, password: adminPassword }, ...house];
}

/** An account of an earlier run gets the password that is printed now. */
async function ensureUser(admin: ApiClient, role: string, password: string, link: object): Promise<void> {
  const email = emailOf(role);
  const known = await admin.find<{ id: string; email: string }>('/api/users', (user) => user.email === email);
  if (known === undefined) await admin.post('/api/users', { email, password, role, ...link });
  else await admin.patch(`/api/users/${known.id}`, { password, role, disabled: false, ...link });
}

async function works(key: ApiClient): Promise<boolean> {
  return key.get('/api/prescriptions?limit=1').then(
    () => true,
    () => false,
  );
}

function newPassword(): string {
  return randomBytes(12).toString('base64url');
}

async function readKept(dataDir: string): Promise<KeptAccounts | undefined> {
  const text = await readFile(join(dataDir, fileName), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return keptShape.parse(JSON.parse(text));
  } catch {
    throw new Error(`${join(dataDir, fileName)} cannot be read; mend or delete it`);
  }
}

async function writeKept(dataDir: string, accounts: KeptAccounts): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, fileName), `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
}
