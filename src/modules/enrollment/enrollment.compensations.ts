import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, systemContext } from '../../platform/db/index.js';
import { Compensations } from '../prescriptions/index.js';
import { LinksStore } from './links.store.js';

/** Undoes our part of a cancelled prescription: nobody fills in a form for an order that is gone. */
@Injectable()
export class EnrollmentCompensations implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly compensations: Compensations,
    private readonly links: LinksStore,
  ) {}

  onModuleInit(): void {
    this.compensations.register({ step: 'enrollment_link', run: (id) => this.revoke(id) });
  }

  private async revoke(prescriptionId: string): Promise<string> {
    const revoked = await this.db.tx(systemContext, (tx) => this.links.revokeUnused(tx, prescriptionId));
    return revoked ? 'revoked' : 'nothing-to-do';
  }
}
