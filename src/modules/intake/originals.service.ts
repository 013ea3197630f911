import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/db/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { Prescriptions } from '../prescriptions/index.js';
import { fail } from './intake.errors.js';
import { IntakeStore, type OriginalMessage } from './intake.store.js';

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
      const original = await this.store.original(tx, id);
      if (original === undefined) throw fail('intake.original-not-found');
      await this.audit.record(tx, { action: 'read', entity: 'intake_message', entityIds: [id], reason: 'original' });
      return original;
    });
  }
}
