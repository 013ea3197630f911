import { Inject, Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';
import { hashPassword } from './passwords.js';
import { Users } from './users.service.js';

export interface FirstAdminResult {
  id: string;
  email: string;
  /** Only when it was generated here: it is shown once and not kept. */
  generatedPassword?: string;
}

/** Arbitrary and fixed: of several processes that start at once, one creates the account. */
const firstAdminLock = 7_302_611;

@Injectable()
export class FirstAdmin {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly db: Database,
    private readonly users: Users,
    private readonly audit: Audit,
  ) {}

  /**
   * Creates the first administrator when there is no user at all. Without ADMIN_EMAIL and ADMIN_PASSWORD, development gets
   * a generated password and production gets no account.
   */
  async ensure(organizationId: string): Promise<FirstAdminResult | undefined> {
    const production = this.config.NODE_ENV === 'production';
    if (production && (this.config.ADMIN_EMAIL === undefined || this.config.ADMIN_PASSWORD === undefined))
      return undefined;
    const email = this.config.ADMIN_EMAIL ?? 'admin@pharmonico.example';
    const generated = this.config.ADMIN_PASSWORD === undefined ? randomBytes(12).toString('base64url') : undefined;
    const passwordHash = await hashPassword(this.config.ADMIN_PASSWORD ?? generated ?? '');
    return await this.db.tx(systemContext, async (tx) => {
      await tx.send('SELECT pg_advisory_xact_lock($1)', [firstAdminLock]);
      if ((await tx.one('SELECT 1 FROM users LIMIT 1')) !== undefined) return undefined;
      const id = newId();
      await this.users.insert(tx, organizationId, { id, email, role: 'admin', passwordHash });
      await this.audit.record(tx, {
        action: 'write',
        entity: 'user',
        entityIds: [id],
        reason: 'user.first-admin',
        organizationId,
      });
      return { id, email, ...(generated !== undefined && { generatedPassword: generated }) };
    });
  }
}
