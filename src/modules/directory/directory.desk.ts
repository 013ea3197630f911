import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../platform/db/index.js';
import { Audit, type AuditAction } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';

type Entity = 'organization' | 'pharmacy' | 'provider' | 'patient' | 'patient_review' | 'drug';

/** How people come to the directory: in the scope of their role, and with an audit entry where it is due. */
@Injectable()
export class DirectoryDesk {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
  ) {}

  /** For what is no patient data: pharmacies, prescribers, drugs, organizations. Looking at them leaves no entry. */
  look<T>(principal: Principal, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.tx(contextOf(principal), work);
  }

  /** Work and entry are one transaction: what is not committed did not happen, and what happened is recorded. */
  recorded<T>(
    principal: Principal,
    what: { action: AuditAction; entity: Entity; ids: (result: T) => readonly string[] },
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const result = await work(tx);
      await this.audit.record(tx, { action: what.action, entity: what.entity, entityIds: what.ids(result) });
      return result;
    });
  }
}
