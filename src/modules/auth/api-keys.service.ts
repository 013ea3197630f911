import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { newToken, sha256 } from '../../platform/crypto/index.js';
import { Database } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/paging.js';
import { newId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';
import type { ApiKey } from './api-key.entity.js';
import { fail } from './auth.errors.js';
import { permissionsOf, type Permission } from './permissions.js';
import { contextOf, type Principal } from './principal.js';
import { apiKeyPrefix, Principals } from './principals.js';

export type ApiKeyRow = Omit<ApiKey, 'keyHash' | 'organizationId' | 'createdBy'>;

const columns = `id, name, prefix, scopes, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt",
  revoked_at AS "revokedAt"`;

const shownCharacters = 8;

@Injectable()
export class ApiKeys {
  constructor(
    private readonly db: Database,
    private readonly principals: Principals,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  /** Those that work first, then the newest. */
  list(caller: Principal, { cursor, limit }: PageRequest): Promise<Page<ApiKeyRow>> {
    return this.db.tx(contextOf(caller), async (tx) => {
      const rows = await tx.query<ApiKeyRow>(
        `SELECT ${columns} FROM api_keys k WHERE organization_id = $1 AND ($2::uuid IS NULL OR EXISTS (
           SELECT 1 FROM api_keys c WHERE c.id = $2 AND ((k.revoked_at IS NOT NULL) > (c.revoked_at IS NOT NULL)
             OR ((k.revoked_at IS NULL) = (c.revoked_at IS NULL) AND k.id < c.id))))
         ORDER BY revoked_at IS NOT NULL, id DESC LIMIT $3`,
        [caller.organizationId, cursor ?? null, limit + 1],
      );
      const page = pageOf(rows, limit);
      await this.audit.record(tx, { action: 'search', entity: 'api-key', entityIds: page.items.map(({ id }) => id) });
      return page;
    });
  }

  /** @returns the key itself, this once; only its digest is stored */
  async create(
    caller: Principal,
    wanted: { name: string; scopes: readonly Permission[]; expiresAt?: Date | undefined },
  ): Promise<ApiKeyRow & { key: string }> {
    const scopes = [...new Set(wanted.scopes)];
    const refused = scopes.filter((scope) => !permissionsOf.integrator.includes(scope));
    if (refused.length > 0) throw fail('api-key.scope-not-grantable', { meta: { scopes: refused } });
    const key = `${apiKeyPrefix}${newToken()}`;
    const row = await this.db.tx(contextOf(caller), async (tx) => {
      const id = newId();
      const [created] = await tx.query<ApiKeyRow>(
        `INSERT INTO api_keys (id, organization_id, name, prefix, key_hash, scopes, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6::text[], $7, $8, $9) RETURNING ${columns}`,
        [
          id,
          caller.organizationId,
          wanted.name,
          key.slice(0, apiKeyPrefix.length + shownCharacters),
          sha256(key),
          scopes,
          caller.id,
          this.clock.now(),
          wanted.expiresAt ?? null,
        ],
      );
      if (created === undefined) throw new Error('an inserted key was not returned');
      await this.audit.record(tx, { action: 'write', entity: 'api-key', entityIds: [id], reason: 'api-key.create' });
      return created;
    });
    return { ...row, key };
  }

  /** Works at once in this process and within three seconds in the others. */
  async revoke(caller: Principal, id: string): Promise<void> {
    await this.db.tx(contextOf(caller), async (tx) => {
      const revoked = await tx.one(
        'UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 AND organization_id = $3 RETURNING id',
        [id, this.clock.now(), caller.organizationId],
      );
      if (revoked === undefined) throw fail('api-key.not-found');
      await this.audit.record(tx, { action: 'write', entity: 'api-key', entityIds: [id], reason: 'api-key.revoke' });
    });
    this.principals.forgetAll();
  }
}
