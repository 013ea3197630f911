import { Module } from '@nestjs/common';
import { WebhookEventsController } from './webhook-events.controller.js';
import { WebhookEvents } from './webhook-events.service.js';
import { WebhookEventsStore } from './webhook-events.store.js';
import { WebhookInbox } from './webhook-inbox.js';
import { WebhookSignatures } from './webhook-signatures.js';
import { WebhookSources } from './webhook-sources.js';
import { WebhooksWorker } from './webhooks.worker.js';

@Module({
  controllers: [WebhookEventsController],
  providers: [WebhookEvents, WebhookEventsStore, WebhookInbox, WebhookSignatures, WebhookSources, WebhooksWorker],
  exports: [WebhookInbox, WebhookSignatures, WebhookSources],
})
export class WebhooksModule {}
