import { Module } from '@nestjs/common';
import { DirectoryModule } from '../directory/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { ValidationController } from './validation.controller.js';
import { Validation } from './validation.service.js';
import { ValidationStore } from './validation.store.js';
import { ValidationWorker } from './validation.worker.js';

@Module({
  imports: [DirectoryModule, PrescriptionsModule],
  controllers: [ValidationController],
  providers: [Validation, ValidationStore, ValidationWorker],
})
export class ValidationModule {}
