import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.service.js';
import { MaintenanceWorker } from './maintenance.worker.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { TicketsModule } from '../tickets/index.js';
import { WebhooksModule } from '../webhooks/index.js';
import { OrphanFilesWorker } from './orphan-files.worker.js';
import { ParkedWebhooksWorker } from './parked-webhooks.worker.js';

@Module({
  imports: [PrescriptionsModule, TicketsModule, WebhooksModule],
  controllers: [DeadLettersController],
  providers: [DeadLetters, MaintenanceWorker, OrphanFilesWorker, ParkedWebhooksWorker],
})
export class OpsModule {}
