import { Module } from '@nestjs/common';
import { SourceHealth } from './source-health.service.js';
import { WebhookEventsController } from './webhook-events.controller.js';
import { WebhookEvents } from './webhook-events.service.js';
import { WebhookEventsStore } from './webhook-events.store.js';
import { WebhookInbox } from './webhook-inbox.js';
import { WebhookSignatures } from './webhook-signatures.js';
import { WebhookSources } from './webhook-sources.js';
import { WebhooksWorker } from './webhooks.worker.js';

@Module({
  controllers: [WebhookEventsController],
  providers: [
    SourceHealth,
    WebhookEvents,
    WebhookEventsStore,
    WebhookInbox,
    WebhookSignatures,
    WebhookSources,
    WebhooksWorker,
  ],
  exports: [SourceHealth, WebhookInbox, WebhookSignatures, WebhookSources],
})
export class WebhooksModule {}
