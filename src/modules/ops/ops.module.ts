import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.service.js';
import { MaintenanceWorker } from './maintenance.worker.js';
import { OrphanFilesWorker } from './orphan-files.worker.js';

@Module({ controllers: [DeadLettersController], providers: [DeadLetters, MaintenanceWorker, OrphanFilesWorker] })
export class OpsModule {}
