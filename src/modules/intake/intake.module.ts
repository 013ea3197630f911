import { Module } from '@nestjs/common';
import { CancellationModule } from '../cancellation/index.js';
import { DirectoryModule } from '../directory/index.js';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { TicketsModule } from '../tickets/index.js';
import { CancelSuggestionsController } from './cancel-suggestions.controller.js';
import { CancelSuggestions } from './cancel-suggestions.service.js';
import { CorrectionsController } from './corrections.controller.js';
import { Corrections } from './corrections.service.js';
import { IntakeController } from './intake.controller.js';
import { Intake } from './intake.service.js';
import { IntakeStore } from './intake.store.js';
import { Originals } from './originals.service.js';
import { Receivers } from './receivers.service.js';
import { ScriptCancels } from './script-cancels.js';
import { ScriptDoor } from './script-door.js';
import { TicketOrdersController } from './ticket-orders.controller.js';
import { TicketOrders } from './ticket-orders.service.js';

@Module({
  imports: [DirectoryModule, PrescriptionsModule, CancellationModule, TicketsModule],
  controllers: [IntakeController, CancelSuggestionsController, CorrectionsController, TicketOrdersController],
  providers: [
    CancelSuggestions,
    Corrections,
    Intake,
    IntakeStore,
    Originals,
    Receivers,
    ScriptCancels,
    ScriptDoor,
    TicketOrders,
  ],
})
export class IntakeModule {}
