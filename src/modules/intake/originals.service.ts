import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/db/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal, type Role } from '../auth/index.js';
import { Prescriptions } from '../prescriptions/index.js';
import { fail } from './intake.errors.js';
import { IntakeStore, type OriginalMessage } from './intake.store.js';

/** The whole message, coverage and addresses included, is for those who mend what is wrong with it. */
const readers: ReadonlySet<Role> = new Set(['ops', 'admin']);

@Injectable()
export class Originals {
  constructor(
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly prescriptions: Prescriptions,
    private readonly store: IntakeStore,
  ) {}

  /** @throws prescription.not-found, intake.original-not-found */
  read(principal: Principal, id: string): Promise<OriginalMessage> {
    return this.db.tx(contextOf(principal), async (tx) => {
      await this.prescriptions.get(tx, id);
      const original = readers.has(principal.role) ? await this.store.original(tx, id) : undefined;
      if (original === undefined) throw fail('intake.original-not-found');
      await this.audit.record(tx, { action: 'read', entity: 'intake_message', entityIds: [id], reason: 'original' });
      return original;
    });
  }
}
