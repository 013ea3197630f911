import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database } from '../../platform/db/index.js';
import { FileStorage } from '../../platform/storage/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import { Patients } from '../directory/index.js';
import type { Coverage } from '../prescriptions/index.js';
import type { PatientCoverage } from './coverage.entity.js';
import { CoveragesStore } from './coverages.store.js';
import { fail } from './enrollment.errors.js';
import { isActive } from './enrollment.policy.js';
import type { PictureSide } from './sessions.store.js';

export interface ShownCoverage {
  row: PatientCoverage;
  opened: Coverage;
  active: boolean;
}

/** What operations may see of a patient's coverages. Every look is audited. */
@Injectable()
export class CoverageDesk {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly files: FileStorage,
    private readonly audit: Audit,
    private readonly patients: Patients,
    private readonly coverages: CoveragesStore,
  ) {}

  /** Newest first. @throws patient.not-found */
  async ofPatient(principal: Principal, patientId: string): Promise<ShownCoverage[]> {
    return this.db.tx(contextOf(principal), async (tx) => {
      await this.patients.profile(tx, patientId);
      const rows = await this.coverages.ofPatient(tx, patientId);
      const entityIds = [patientId, ...rows.map(({ id }) => id)];
      await this.audit.record(tx, { action: 'read', entity: 'coverage', entityIds });
      const now = this.clock.now();
      return rows.map((row) => ({ row, opened: this.coverages.opened(row), active: isActive(row, now) }));
    });
  }

  /** @throws coverage.picture-not-found */
  async picture(principal: Principal, coverageId: string, side: PictureSide, reason: string): Promise<Buffer> {
    const key = await this.db.tx(contextOf(principal), async (tx) => {
      const row = await this.coverages.find(tx, coverageId);
      const found = side === 'front' ? row?.frontKey : row?.backKey;
      if (found == null || row === undefined || !isSeenBy(tx.context, row)) throw fail('coverage.picture-not-found');
      await this.audit.record(tx, { action: 'read', entity: 'coverage_picture', entityIds: [coverageId], reason });
      return found;
    });
    return this.files.get(key);
  }
}
