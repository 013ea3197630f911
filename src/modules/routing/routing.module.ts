import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { DirectoryModule } from '../directory/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { TicketsModule } from '../tickets/index.js';
import { Judgements } from './judgements.service.js';
import { RecommendationsStore } from './recommendations.store.js';
import { RoutingController } from './routing.controller.js';
import { Routing } from './routing.service.js';
import { RoutingWorker } from './routing.worker.js';

@Module({
  imports: [AuditModule, DirectoryModule, PrescriptionsModule, TicketsModule],
  controllers: [RoutingController],
  providers: [Judgements, RecommendationsStore, Routing, RoutingWorker],
})
export class RoutingModule {}
