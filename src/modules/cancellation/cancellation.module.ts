import { Module } from '@nestjs/common';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { TicketsModule } from '../tickets/index.js';
import { CancellationSteps } from './cancellation-steps.store.js';
import { CancellationController } from './cancellation.controller.js';
import { Cancellation } from './cancellation.service.js';
import { CancellationWorker } from './cancellation.worker.js';

@Module({
  imports: [PrescriptionsModule, TicketsModule],
  controllers: [CancellationController],
  providers: [Cancellation, CancellationSteps, CancellationWorker],
  exports: [Cancellation],
})
export class CancellationModule {}
