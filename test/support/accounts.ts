import { AccessTokens } from '../../src/modules/auth/access-tokens.js';
import { permissionsOf, type Permission, type UserRole } from '../../src/modules/auth/index.js';
import { Clock } from '../../src/platform/clock/index.js';
import { newToken, sha256 } from '../../src/platform/crypto/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow, type Sql } from './looker.js';

export interface UserOptions {
  organizationId?: string;
  providerId?: string;
  pharmacyId?: string;
  patientId?: string;
}

export interface Accounts {
  /** Made at the start, so that a spec has somebody to ask for. */
  organizationId: string;
  organization(columns?: Readonly<Record<string, unknown>>): Promise<string>;
  /** The value of an Authorization header of an integrator; of the first organization unless told. */
  key(options?: { organizationId?: string; scopes?: readonly Permission[] }): Promise<string>;
  /** The value of an Authorization header of somebody signed in. */
  user(role: UserRole, options?: UserOptions): Promise<string>;
}

type Get = <T>(token: abstract new (...args: never[]) => T) => T;

const tenYearsMs = 315_360_000_000;

/** Organizations and those who may call for them, written past the doors. */
export async function accounts(sql: Sql, get: Get): Promise<Accounts> {
  const now = () => get(Clock).now();
  const organization = async (columns: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const id = newId();
    await insertRow(sql, 'organizations', { id, name: 'Test', brand: 'Test', created_at: now(), ...columns });
    return id;
  };
  const organizationId = await organization();
  return {
    organizationId,
    organization,
    key: async (options = {}) => {
      const secret = `phk_${newToken()}`;
      await insertRow(sql, 'api_keys', {
        id: newId(),
        organization_id: options.organizationId ?? organizationId,
        name: 'test',
        prefix: 'phk_test',
        key_hash: sha256(secret),
        scopes: options.scopes ?? permissionsOf.integrator,
        created_by: newId(),
        created_at: now(),
        last_used_at: now(),
      });
      return `Bearer ${secret}`;
    },
    user: async (role, options = {}) => `Bearer ${await tokenOf(sql, get, role, { organizationId, ...options })}`,
  };
}

/** The access token of somebody signed in, of the organization that is named. */
export async function tokenOf(
  sql: Sql,
  get: Get,
  role: UserRole,
  { organizationId, providerId, pharmacyId, patientId }: UserOptions & { organizationId: string },
): Promise<string> {
  const [userId, sessionId, now] = [newId(), newId(), get(Clock).now()];
  const owned = { organization_id: organizationId, created_at: now };
  await insertRow(sql, 'users', {
    ...owned,
    id: userId,
    email: `${userId}@example.com`,
    password_hash: 'x',
    role,
    provider_id: providerId,
    pharmacy_id: pharmacyId,
    patient_id: patientId,
    updated_at: now,
  });
  await insertRow(sql, 'sessions', {
    ...owned,
    id: sessionId,
    user_id: userId,
    kind: 'token',
    expires_at: new Date(now.getTime() + tenYearsMs),
  });
  return get(AccessTokens).issue(userId, sessionId);
}
