import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext, type DbContext, type Tx } from '../../platform/db/index.js';
import type { PageAnswer } from '../../platform/http/pages/index.js';
import { RateLimits, requestContext, type RateLimit } from '../../platform/http/index.js';
import { Organizations } from '../directory/index.js';
import { Prescriptions, Why, type Prescription, type WaitingReason } from '../prescriptions/index.js';
import { OrderSteps } from './order-steps.js';
import { missingPage, trackingPage } from './pages/tracking.page.js';
import type { TrackedOrder } from './pages/tracking.view.js';
import { ShipmentsStore } from './shipments.store.js';
import { TrackingLinks } from './tracking-links.js';

/** Of one address, and for links nobody knows only: a shared address must not keep patients out. */
const perStranger: RateLimit = { name: 'tracking-unknown', most: 300, windowMs: 5 * 60_000 };

/** What the bearer of a tracking link may see. */
@Injectable()
export class TrackedOrders {
  constructor(
    private readonly db: Database,
    private readonly links: TrackingLinks,
    private readonly prescriptions: Prescriptions,
    private readonly why: Why,
    private readonly organizations: Organizations,
    private readonly shipments: ShipmentsStore,
    private readonly steps: OrderSteps,
    private readonly clock: Clock,
    private readonly limits: RateLimits,
    @Inject(CONFIG) private readonly config: Pick<Config, 'BRAND_NAME' | 'SUPPORT_PHONE'>,
  ) {}

  /** @throws request.too-many */
  async page(token: string): Promise<PageAnswer> {
    const found = await this.db.tx(systemContext, async (tx) => {
      const prescriptionId = await this.links.prescriptionOf(tx, token);
      return prescriptionId === undefined ? undefined : this.prescriptions.get(tx, prescriptionId);
    });
    if (found === undefined) {
      await this.limits.consume(perStranger, requestContext()?.ip ?? 'nowhere');
      return { status: 404, body: missingPage(this.config.BRAND_NAME, this.config.SUPPORT_PHONE) };
    }
    const waitsFor = await this.waitsFor(found);
    const order = await this.db.tx(systemContext, (tx) => this.order(tx, found.id));
    return { body: trackingPage({ ...order, waitsFor }) };
  }

  /** As the patient is told who signs in: what failed inside must not hide that the order waits for them. */
  private waitsFor({ id, organizationId, patientId }: Prescription): Promise<WaitingReason['who']> {
    const patient: DbContext = {
      role: 'patient',
      organization: organizationId,
      ...(patientId !== null && { patient: patientId }),
    };
    return this.db.tx(patient, async (tx) => {
      if (!(await this.prescriptions.isSeen(tx, id))) return 'platform';
      return (await this.why.explain(tx, await this.prescriptions.get(tx, id))).who;
    });
  }

  private async order(tx: Tx, prescriptionId: string): Promise<Omit<TrackedOrder, 'waitsFor'>> {
    const { state, receivedAt, organizationId } = await this.prescriptions.get(tx, prescriptionId);
    const organization = await this.organizations.get(tx, organizationId);
    const times = await this.steps.of(tx, prescriptionId);
    const parcels = await this.shipments.ofPrescription(tx, prescriptionId);
    return {
      state,
      receivedAt,
      ...times,
      now: this.clock.now(),
      parcels,
      brand: organization.brand,
      supportPhone: organization.supportPhone ?? this.config.SUPPORT_PHONE,
      timeZone: organization.timeZone,
    };
  }
}
