import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { DirectoryModule } from '../directory/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { ShippingModule } from '../shipping/index.js';
import { WebhooksModule } from '../webhooks/index.js';
import { CarePortalsController } from './careportals.controller.js';
import { CarePortalsDoor } from './careportals-door.service.js';
import { CarePortalsSources } from './careportals-sources.js';
import { CarePortalsUpdates } from './careportals-updates.js';
import { CarePortalsWriter } from './careportals-writer.js';
import { CustomerReviewsController } from './customer-reviews.controller.js';
import { CustomerReviews } from './customer-reviews.service.js';
import { Customers } from './customers.service.js';
import { OrderDetailsStore } from './order-details.store.js';
import { OrderFollowing } from './order-following.js';
import { OrderLinks } from './order-links.js';
import { OrdersController } from './orders.controller.js';
import { OrdersDesk } from './orders-desk.service.js';
import { OrdersStore } from './orders.store.js';
import { OrdersWorker } from './orders.worker.js';
import { SubscriptionsController } from './subscriptions.controller.js';
import { Subscriptions } from './subscriptions.service.js';
import { SubscriptionsStore } from './subscriptions.store.js';

@Module({
  imports: [AuditModule, DirectoryModule, PrescriptionsModule, ShippingModule, WebhooksModule],
  controllers: [CarePortalsController, CustomerReviewsController, OrdersController, SubscriptionsController],
  providers: [
    CarePortalsDoor,
    CarePortalsSources,
    CarePortalsUpdates,
    CarePortalsWriter,
    CustomerReviews,
    Customers,
    OrderDetailsStore,
    OrderFollowing,
    OrderLinks,
    OrdersDesk,
    OrdersStore,
    OrdersWorker,
    Subscriptions,
    SubscriptionsStore,
  ],
  exports: [Subscriptions],
})
export class OrdersModule {}
