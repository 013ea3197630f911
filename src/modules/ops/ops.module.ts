import { Module } from '@nestjs/common';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLetters } from './dead-letters.service.js';
import { MaintenanceWorker } from './maintenance.worker.js';

@Module({ controllers: [DeadLettersController], providers: [DeadLetters, MaintenanceWorker] })
export class OpsModule {}
