import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { DirectoryModule } from '../directory/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { TicketsModule } from '../tickets/index.js';
import { WebhooksModule } from '../webhooks/index.js';
import { CarrierWebhooksController } from './carrier-webhooks.controller.js';
import { CarrierWebhooks } from './carrier-webhooks.service.js';
import { LabelGateway } from './gateways/label-gateway.port.js';
import { LifefileGateway } from './gateways/lifefile.gateway.js';
import { PharmacyOrderGateway } from './gateways/pharmacy-order.port.js';
import { ShippoGateway } from './gateways/shippo.gateway.js';
import { LabelEffects } from './label-effects.js';
import { LabelShipping } from './label-shipping.js';
import { LabelVoids } from './label-voids.js';
import { LateFills } from './late-fills.js';
import { LifefileDoor } from './lifefile-door.service.js';
import { LifefileUpdates } from './lifefile-updates.js';
import { LifefileWebhooksController } from './lifefile-webhooks.controller.js';
import { LostOrders } from './lost-orders.js';
import { OrderSteps } from './order-steps.js';
import { PartnerHandOver } from './partner-hand-over.js';
import { PartnerOrdersStore } from './partner-orders.store.js';
import { ShipmentsStore } from './shipments.store.js';
import { ShippingSubjects } from './shipping-subjects.js';
import { ShippingController } from './shipping.controller.js';
import { Shipping } from './shipping.service.js';
import { ShippingTimeline } from './shipping.timeline.js';
import { ShippingWaiting } from './shipping.waiting.js';
import { ShippingWorker } from './shipping.worker.js';
import { ShippoUpdates } from './shippo-updates.js';
import { ToldParcels } from './told-parcels.js';
import { SilentParcels } from './silent-parcels.js';
import { TrackedOrders } from './tracked-orders.js';
import { TrackingLinks } from './tracking-links.js';
import { TrackingPageController } from './tracking-page.controller.js';
import { Tracking } from './tracking.service.js';

@Module({
  imports: [AuditModule, DirectoryModule, PrescriptionsModule, TicketsModule, WebhooksModule],
  controllers: [ShippingController, CarrierWebhooksController, LifefileWebhooksController, TrackingPageController],
  providers: [
    { provide: LabelGateway, useClass: ShippoGateway },
    { provide: PharmacyOrderGateway, useClass: LifefileGateway },
    CarrierWebhooks,
    LabelEffects,
    LabelShipping,
    LabelVoids,
    LateFills,
    LifefileDoor,
    LifefileUpdates,
    LostOrders,
    OrderSteps,
    PartnerHandOver,
    PartnerOrdersStore,
    ShipmentsStore,
    Shipping,
    ShippingSubjects,
    ShippingTimeline,
    ShippingWaiting,
    ShippingWorker,
    ShippoUpdates,
    SilentParcels,
    ToldParcels,
    TrackedOrders,
    Tracking,
    TrackingLinks,
  ],
  exports: [OrderSteps, TrackingLinks, Tracking, ToldParcels],
})
export class ShippingModule {}
