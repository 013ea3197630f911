export { defineJob, Handles, type JobDefinition, type JobRun } from './definition.js';
export { HandlerTable } from './handler-table.js';
export { createQueueBackend } from './queue-backend.js';
export { queueNames, type QueueName } from './queues.js';
export { Busy, codeOf, isHopeless, TryLater, Unrecoverable } from './retry.js';
export { WorkerHost } from './worker-host.js';
