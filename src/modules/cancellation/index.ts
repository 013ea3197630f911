export { CancellationStep } from './cancellation-step.entity.js';
export { CancellationModule } from './cancellation.module.js';
export { Cancellation, cancelledBy, type CancelOutcome } from './cancellation.service.js';
