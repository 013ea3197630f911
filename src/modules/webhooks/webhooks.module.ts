import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { InboxWatch } from './inbox-watch.js';
import { ParkedWebhooks } from './parked-webhooks.service.js';
import { SourceAllowances } from './source-allowances.service.js';
import { SourceHealth } from './source-health.service.js';
import { SourceWords } from './source-words.service.js';
import { WebhookErrorsController } from './webhook-errors.controller.js';
import { WebhookErrors } from './webhook-errors.service.js';
import { WebhookErrorsStore } from './webhook-errors.store.js';
import { WebhookEventsController } from './webhook-events.controller.js';
import { WebhookEvents } from './webhook-events.service.js';
import { WebhookEventsStore } from './webhook-events.store.js';
import { WebhookHandling } from './webhook-handling.service.js';
import { WebhookImportController } from './webhook-import.controller.js';
import { WebhookImport } from './webhook-import.service.js';
import { WebhookInbox } from './webhook-inbox.js';
import { WebhookRehearsal } from './webhook-rehearsal.service.js';
import { WebhookReplaysController } from './webhook-replays.controller.js';
import { WebhookReplays } from './webhook-replays.service.js';
import { WebhookReplaysStore } from './webhook-replays.store.js';
import { WebhookSignatures } from './webhook-signatures.js';
import { WebhookSources } from './webhook-sources.js';
import { WebhooksWorker } from './webhooks.worker.js';

@Module({
  imports: [AuditModule],
  controllers: [WebhookErrorsController, WebhookImportController, WebhookReplaysController, WebhookEventsController],
  providers: [
    InboxWatch,
    ParkedWebhooks,
    SourceAllowances,
    SourceHealth,
    SourceWords,
    WebhookErrors,
    WebhookErrorsStore,
    WebhookEvents,
    WebhookEventsStore,
    WebhookHandling,
    WebhookImport,
    WebhookRehearsal,
    WebhookReplays,
    WebhookReplaysStore,
    WebhookInbox,
    WebhookSignatures,
    WebhookSources,
    WebhooksWorker,
  ],
  exports: [ParkedWebhooks, SourceHealth, WebhookInbox, WebhookSignatures, WebhookSources],
})
export class WebhooksModule {}
