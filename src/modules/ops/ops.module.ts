import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.service.js';
import { MaintenanceWorker } from './maintenance.worker.js';
import { DirectoryModule } from '../directory/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { TicketsModule } from '../tickets/index.js';
import { WebhooksModule } from '../webhooks/index.js';
import { OrphanFilesWorker } from './orphan-files.worker.js';
import { ParkedWebhooksWorker } from './parked-webhooks.worker.js';
import { SettingsController } from './settings.controller.js';
import { Settings } from './settings.service.js';

@Module({
  imports: [DirectoryModule, PrescriptionsModule, TicketsModule, WebhooksModule],
  controllers: [DeadLettersController, SettingsController],
  providers: [DeadLetters, MaintenanceWorker, OrphanFilesWorker, ParkedWebhooksWorker, Settings],
})
export class OpsModule {}
