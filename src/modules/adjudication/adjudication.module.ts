import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { DirectoryModule } from '../directory/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { TicketsModule } from '../tickets/index.js';
import { AdjudicationController } from './adjudication.controller.js';
import { AdjudicationTimeline } from './adjudication.timeline.js';
import { AdjudicationWaiting } from './adjudication.waiting.js';
import { AdjudicationWorker } from './adjudication.worker.js';
import { Adjudicator } from './adjudicator.service.js';
import { Attempts } from './attempts.service.js';
import { Claims } from './claims.service.js';
import { ClaimsStore } from './claims.store.js';
import { CouponsController } from './coupons.controller.js';
import { Coupons } from './coupons.service.js';
import { ClaimSwitch } from './gateways/claim-switch.port.js';
import { HttpClaimSwitch } from './gateways/http-claim-switch.js';
import { PriorAuthorizations } from './prior-authorizations.service.js';
import { Rejections } from './rejections.service.js';
import { Reversals } from './reversals.service.js';

@Module({
  imports: [AuditModule, DirectoryModule, PrescriptionsModule, TicketsModule],
  controllers: [AdjudicationController, CouponsController],
  providers: [
    AdjudicationTimeline,
    AdjudicationWaiting,
    AdjudicationWorker,
    Adjudicator,
    Attempts,
    Claims,
    ClaimsStore,
    Coupons,
    { provide: ClaimSwitch, useClass: HttpClaimSwitch },
    PriorAuthorizations,
    Rejections,
    Reversals,
  ],
})
export class AdjudicationModule {}
