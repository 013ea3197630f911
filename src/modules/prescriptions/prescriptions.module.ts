import { Module, type OnModuleInit } from '@nestjs/common';
import { checkMachine } from '../../platform/state-machine/index.js';
import { DirectoryModule } from '../directory/index.js';
import { Compensations } from './compensation.js';
import { Coverages } from './coverage.js';
import { FirstFills } from './first-fills.service.js';
import { LastFills } from './last-fills.service.js';
import { MovesStore } from './moves.store.js';
import { prescriptionMachine, states } from './prescription.machine.js';
import { PrescriptionStreams } from './prescription-streams.js';
import { PrescriptionsController } from './prescriptions.controller.js';
import { PrescriptionsReader } from './prescriptions.reader.js';
import { Prescriptions } from './prescriptions.service.js';
import { PrescriptionsWorker } from './prescriptions.worker.js';
import { OwnTimeline } from './timeline-sources.js';
import { TimelineSources } from './timeline.js';
import { Waiting } from './waiting.js';
import { Why } from './why.js';

@Module({
  imports: [DirectoryModule],
  controllers: [PrescriptionsController],
  providers: [
    Compensations,
    Coverages,
    FirstFills,
    LastFills,
    MovesStore,
    OwnTimeline,
    PrescriptionStreams,
    Prescriptions,
    PrescriptionsReader,
    PrescriptionsWorker,
    TimelineSources,
    Waiting,
    Why,
  ],
  exports: [
    Compensations,
    Coverages,
    FirstFills,
    LastFills,
    Prescriptions,
    PrescriptionsReader,
    TimelineSources,
    Waiting,
    Why,
  ],
})
export class PrescriptionsModule implements OnModuleInit {
  /** A state nobody can reach or leave stops the start. */
  onModuleInit(): void {
    checkMachine('prescription', prescriptionMachine, states, ['completed', 'cancelled']);
  }
}
