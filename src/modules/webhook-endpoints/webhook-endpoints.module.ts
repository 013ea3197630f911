import { Module } from '@nestjs/common';
import { TicketsModule } from '../tickets/index.js';
import { HttpSender } from './gateways/http-sender.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookDeliveries } from './webhook-deliveries.service.js';
import { WebhookDeliveriesStore } from './webhook-deliveries.store.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookEndpoints } from './webhook-endpoints.service.js';
import { WebhookEndpointsStore } from './webhook-endpoints.store.js';
import { WebhookEndpointsWorker } from './webhook-endpoints.worker.js';
import { WebhookRecoveriesStore } from './webhook-recoveries.store.js';
import { WebhookSecrets } from './webhook-secrets.js';

/** Tells integrators by webhook what happens to their prescriptions. Hears the events of every step; no module knows of it. */
@Module({
  imports: [TicketsModule],
  controllers: [WebhookEndpointsController, WebhookDeliveriesController],
  providers: [
    HttpSender,
    WebhookDeliveries,
    WebhookDeliveriesStore,
    WebhookEndpoints,
    WebhookEndpointsStore,
    WebhookEndpointsWorker,
    WebhookRecoveriesStore,
    WebhookSecrets,
  ],
})
export class WebhookEndpointsModule {}
