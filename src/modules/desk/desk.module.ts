import { Module } from '@nestjs/common';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { ThreadsModule } from '../threads/index.js';
import { TicketsModule } from '../tickets/index.js';
import { ThreadsOfOrdersController } from './threads-of-orders.controller.js';
import { TicketClocks } from './ticket-clocks.worker.js';
import { TicketDesk } from './ticket-desk.service.js';
import { TicketMoves } from './ticket-moves.service.js';
import { TicketsController } from './tickets.controller.js';

@Module({
  imports: [TicketsModule, ThreadsModule, PrescriptionsModule],
  controllers: [TicketsController, ThreadsOfOrdersController],
  providers: [TicketClocks, TicketDesk, TicketMoves],
})
export class DeskModule {}
