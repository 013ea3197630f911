import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, violatedUnique, type Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';
import { fail } from './auth.errors.js';
import { hashPassword } from './passwords.js';
import { contextOf, type Principal } from './principal.js';
import { normalizeEmail, Sessions } from './sessions.service.js';
import type { User, UserRole } from './user.entity.js';
import { linkOf, type UserLinks } from './user.policy.js';

export interface NewUser extends UserLinks {
  email: string;
  password: string;
  role: UserRole;
}

export interface UserChange {
  role?: UserRole | undefined;
  password?: string | undefined;
  disabled?: boolean | undefined;
  providerId?: string | undefined;
  pharmacyId?: string | undefined;
  patientId?: string | undefined;
}

export type UserRow = Omit<User, 'passwordHash' | 'organizationId'>;

const columns = `id, email, role, provider_id AS "providerId", pharmacy_id AS "pharmacyId", patient_id AS "patientId",
  disabled_at AS "disabledAt", created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Accounts of one organization, kept by its admins. Row-level security keeps them apart. */
@Injectable()
export class Users {
  constructor(
    private readonly db: Database,
    private readonly sessions: Sessions,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  list(caller: Principal, page: { after?: string | undefined; limit: number }): Promise<UserRow[]> {
    return this.db.tx(contextOf(caller), async (tx) => {
      const users = await tx.query<UserRow>(
        `SELECT ${columns} FROM users WHERE organization_id = $3 AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
        [page.after ?? null, page.limit, caller.organizationId],
      );
      await this.audit.record(tx, { action: 'search', entity: 'user', entityIds: users.map((user) => user.id) });
      return users;
    });
  }

  /** @throws DomainError user.email-taken, user.link-missing, user.link-unknown */
  async create(caller: Principal, user: NewUser): Promise<UserRow> {
    const links = linkOf(user.role, user);
    const passwordHash = await hashPassword(user.password);
    return await this.db.tx(contextOf(caller), async (tx) => {
      await refuseStrangers(tx, caller.organizationId, links);
      const id = newId();
      const created = await this.insert(tx, caller.organizationId, { ...user, ...links, id, passwordHash });
      await this.audit.record(tx, { action: 'write', entity: 'user', entityIds: [id], reason: 'user.create' });
      return created;
    });
  }

  /** Ends all sign-ins of the account when its rights, its password or its standing change. */
  async change(caller: Principal, id: string, change: UserChange): Promise<UserRow> {
    if (id === caller.id && (change.role !== undefined || change.disabled === true)) throw fail('user.own-account');
    const passwordHash = change.password === undefined ? undefined : await hashPassword(change.password);
    return await this.db.tx(contextOf(caller), async (tx) => {
      const current = await tx.one<UserRow>(
        `SELECT ${columns} FROM users WHERE id = $1 AND organization_id = $2 FOR UPDATE`,
        [id, caller.organizationId],
      );
      if (current === undefined) throw fail('user.not-found');
      const role = change.role ?? current.role;
      const links = linkOf(role, {
        providerId: change.providerId ?? current.providerId,
        pharmacyId: change.pharmacyId ?? current.pharmacyId,
        patientId: change.patientId ?? current.patientId,
      });
      await refuseStrangers(tx, caller.organizationId, links);
      const now = this.clock.now();
      const [changed] = await tx.query<UserRow>(
        `UPDATE users SET role = $2, provider_id = $3, pharmacy_id = $4, patient_id = $5,
           password_hash = coalesce($6, password_hash),
           disabled_at = CASE WHEN $7::boolean IS NULL THEN disabled_at WHEN $7 THEN coalesce(disabled_at, $8) END,
           updated_at = $8
         WHERE id = $1 RETURNING ${columns}`,
        [
          id,
          role,
          links.providerId ?? null,
          links.pharmacyId ?? null,
          links.patientId ?? null,
          passwordHash ?? null,
          change.disabled ?? null,
          now,
        ],
      );
      if (changed === undefined) throw fail('user.not-found');
      await this.sessions.revokeAllOf(tx, id, 'account-changed');
      await this.audit.record(tx, { action: 'write', entity: 'user', entityIds: [id], reason: 'user.change' });
      return changed;
    });
  }

  /** An account without a caller: for loaders of the demo and for tests. */
  async provision(organizationId: string, user: NewUser): Promise<UserRow> {
    const links = linkOf(user.role, user);
    const passwordHash = await hashPassword(user.password);
    return await this.db.tx(systemContext, (tx) =>
      this.insert(tx, organizationId, { ...user, ...links, id: newId(), passwordHash }),
    );
  }

  /** @throws DomainError user.email-taken */
  async insert(
    tx: Tx,
    organizationId: string,
    user: { id: string; email: string; role: UserRole; passwordHash: string } & UserLinks,
  ): Promise<UserRow> {
    const now = this.clock.now();
    try {
      const [created] = await tx.query<UserRow>(
        `INSERT INTO users (id, organization_id, email, password_hash, role, provider_id, pharmacy_id, patient_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING ${columns}`,
        [
          user.id,
          organizationId,
          normalizeEmail(user.email),
          user.passwordHash,
          user.role,
          user.providerId ?? null,
          user.pharmacyId ?? null,
          user.patientId ?? null,
          now,
        ],
      );
      if (created === undefined) throw new Error('an inserted user was not returned');
      return created;
    } catch (error) {
      if (violatedUnique(error) === 'users_email') throw fail('user.email-taken');
      throw error;
    }
  }
}

const tableOfLink: Readonly<Record<keyof UserLinks, string>> = {
  providerId: 'providers',
  pharmacyId: 'pharmacies',
  patientId: 'patients',
};

/**
 * Row-level security shows a party's rows by this link alone: a link to another organization's doctor would open that
 * organization's prescriptions. @throws DomainError user.link-unknown
 */
async function refuseStrangers(tx: Tx, organizationId: string, links: Required<UserLinks>): Promise<void> {
  for (const [link, table] of Object.entries(tableOfLink) as [keyof UserLinks, string][]) {
    const id = links[link];
    if (id === null || id === undefined) continue;
    const own = await tx.one(`SELECT 1 FROM ${table} WHERE id = $1 AND organization_id = $2`, [id, organizationId]);
    if (own === undefined) throw fail('user.link-unknown');
  }
}
