export {
  Compensations,
  compensationOrder,
  failureOf,
  isTooLate,
  labelKept,
  moneyLookedInto,
  StepWaits,
  waitAlone,
  type CompensationProvider,
  type CompensationStep,
} from './compensation.js';
export { Coverages, type CardCheck, type Coverage, type CoverageProvider } from './coverage.js';
export { FirstFills } from './first-fills.service.js';
export { isOver, LastFills } from './last-fills.service.js';
export type { Actor, Facts, Trigger } from './moves.store.js';
export type { OrderAddress, OrderCoverage, OrderPatient, PrescriptionOrder } from './order/index.js';
export { Prescription, PrescriptionVersion, type PrescriptionPath } from './prescription.entity.js';
export {
  beforePaid,
  eventOf,
  filledStates,
  finalStates,
  isUndelivered,
  mayTake,
  outcomeOf,
  outcomeOrder,
  pickedUp,
  states,
  undeliveredStates,
  type FulfilmentAction,
  type Outcome,
  type PrescriptionAction,
  type PrescriptionState,
  type UndeliveredState,
} from './prescription.machine.js';
export { fail as prescriptionFail } from './prescriptions.errors.js';
export { PrescriptionsModule } from './prescriptions.module.js';
export { PrescriptionsReader, type PrescriptionDetail } from './prescriptions.reader.js';
export { factsOf, Prescriptions, systemActor, type Report } from './prescriptions.service.js';
export { trackingStatusOf } from './tracking-status.policy.js';
export { isSameFill, versionsSeenBy } from './versions.policy.js';
export { Why } from './why.js';
export { TimelineSources, type TimelineEntry } from './timeline.js';
export { TimelineResponse, timelineView } from './dto/timeline.dto.js';
export { orderExample, PrescriptionResponse, prescriptionView } from './dto/prescription.dto.js';
export {
  expiredOrder,
  lookedInto,
  Waiting,
  type FailureAdvice,
  type WaitingProvider,
  type WaitingReason,
} from './waiting.js';
