import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { customersLike } from './customers.store.js';
import { Customers } from './customers.service.js';
import { lockOrganization } from './organization-lock.js';
import { OrderLinks } from './order-links.js';
import { followJob } from './orders.jobs.js';

interface Concerned {
  organizationId: string;
  patientId: string | null;
  /** Something written is taken for it. */
  isPaired: boolean;
  orderIds: string[];
}

@Injectable()
export class OrdersWorker {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly customers: Customers,
    private readonly links: OrderLinks,
  ) {}

  @Handles(followJob)
  async follow({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const concerned = await concernedBy(tx, prescriptionId);
      if (concerned !== undefined) await this.tellAnew(tx, prescriptionId, concerned, run);
      await this.outbox.close(tx, run);
    });
  }

  private async tellAnew(tx: Tx, prescriptionId: string, concerned: Concerned, run: JobRun): Promise<void> {
    const { organizationId, patientId, isPaired, orderIds } = concerned;
    const customerIds = patientId === null ? [] : await customersLike(tx, patientId);
    // Most prescriptions are nobody's order at CarePortals.
    if (customerIds.length === 0 && !isPaired) return;
    await lockOrganization(tx, organizationId);
    await this.customers.matchPatients(tx, customerIds);
    await this.links.tellAnew(tx, {
      organizationId,
      customerIds,
      orderIds,
      references: [],
      prescriptionIds: [prescriptionId],
      jobId: run.outboxId,
    });
  }
}

function concernedBy(tx: Tx, prescriptionId: string): Promise<Concerned | undefined> {
  return tx.one<Concerned>(
    `SELECT organization_id AS "organizationId", patient_id AS "patientId",
       EXISTS (SELECT 1 FROM external_prescriptions e WHERE e.prescription_id = p.id) AS "isPaired", ARRAY(
       SELECT DISTINCT e.order_id FROM external_prescriptions e
       WHERE e.prescription_id = p.id AND e.order_id IS NOT NULL) AS "orderIds"
     FROM prescriptions p WHERE p.id = $1`,
    [prescriptionId],
  );
}
