export {
  definedJobs,
  defineJob,
  Handles,
  ownerOf,
  ownerOfUnknownJobs,
  type JobDefinition,
  type JobRun,
} from './definition.js';
export { HandlerTable } from './handler-table.js';
export { createQueueBackend } from './queue-backend.js';
export { jobOwners, queueNames, type JobOwner, type QueueName } from './queues.js';
export { Busy, codeOf, isHopeless, TryLater, Unrecoverable } from './retry.js';
export { WorkerHost } from './worker-host.js';
