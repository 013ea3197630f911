import { queueNames, type QueueName } from '../../../config/index.js';

/**
 * Who is to act on work that failed for good: operations where a vendor, a pharmacy or a patient must be asked, or what a
 * prescription says be corrected; the platform's people where only our own database, settings or code can be at fault.
 */
export const jobOwners = ['operations', 'platform'] as const;
export type JobOwner = (typeof jobOwners)[number];

/** Every queue with the reason for its numbers. One queue per neighbour, so that a slow one holds up nobody else. */
export interface QueueConfig {
  /** Rows at once in one worker process. */
  concurrency: number;
  /** Rows of the outbox a job may carry. One where a row takes longer than a job costs: other processes may have room for it. */
  rowsPerJob: number;
  /** Of its jobs, unless one names another. */
  owner: JobOwner;
  why: string;
}

export { queueNames, type QueueName };

/**
 * Not a queue of BullMQ's: jobs that only write our own database, done where their rows are claimed. `window` is what one
 * relay takes at once: it is worked off long before a lease ends.
 */
export const bookkeeping = { name: 'bookkeeping', concurrency: 16, window: 64, owner: 'platform' } as const;
export type JobQueue = QueueName | typeof bookkeeping.name;

export const queues: Readonly<Record<QueueName, QueueConfig>> = {
  steps: {
    concurrency: 16,
    rowsPerJob: 8,
    owner: 'platform',
    why: 'own database only; bounded by the connection pool',
  },
  undoing: {
    concurrency: 8,
    rowsPerJob: 1,
    owner: 'operations',
    why: 'asks one vendor after the other, and waits for one that hangs',
  },
  claims: {
    concurrency: 16,
    rowsPerJob: 1,
    owner: 'operations',
    why: 'a switch answers in one to three seconds; the wait costs us nothing',
  },
  stripe: {
    concurrency: 16,
    rowsPerJob: 1,
    owner: 'operations',
    why: 'far below the 100 calls a second Stripe allows',
  },
  shippo: { concurrency: 8, rowsPerJob: 1, owner: 'operations', why: 'label purchases are limited to 500 a minute' },
  lifefile: { concurrency: 4, rowsPerJob: 1, owner: 'operations', why: 'pharmacies run small servers' },
  email: { concurrency: 8, rowsPerJob: 4, owner: 'operations', why: 'SMTP relays refuse many parallel sessions' },
  sms: {
    concurrency: 8,
    rowsPerJob: 4,
    owner: 'operations',
    why: 'a long code sends one segment a second; more only queues at Twilio',
  },
  webhooks: {
    concurrency: 32,
    rowsPerJob: 1,
    owner: 'platform',
    why: 'integrators answer within 15 s or not at all, and each has a few of these only',
  },
  maintenance: {
    concurrency: 2,
    rowsPerJob: 1,
    owner: 'platform',
    why: 'reconciliation and clean-up must never crowd out patients',
  },
};
