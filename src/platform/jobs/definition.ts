import { bookkeeping, queueNames, queues, type JobOwner, type JobQueue } from './queues.js';
import { retryPolicies, type RetryPolicy } from './retry.js';

/** Job data are ids and short codes only; the worker reads the rest from PostgreSQL. */
export type JobPayload = Readonly<Record<string, string | number | undefined>>;

/** One kind of an event only, such as the path its prescription takes: the rest would be a job with nothing to do. */
export interface EventVariant {
  event: string;
  variant: string;
}

/** Of those organizations only that asked for it (`Outbox.listen`): the events of all others cost nothing. */
export interface EventOnRequest {
  event: string;
  onRequest: true;
}

/** The variant of a subscription that is asked for; no path or other kind of an event is called that. */
export const onRequest = '?';

export interface Subscription {
  job: JobDefinition;
  variant: string | null;
}

type HeardEvent = string | EventVariant | EventOnRequest;

export interface JobDefinition<P extends JobPayload = JobPayload> {
  /** `module.verb`, unique. */
  name: string;
  queue: JobQueue;
  retry: RetryPolicy;
  /** Who is to act on its dead letters. */
  owner: JobOwner;
  /** Events that start it. Their payload must satisfy P. */
  on: readonly HeardEvent[];
  /** Phantom: carries the payload type. */
  readonly payload?: P;
}

const defined = new Map<string, JobDefinition>();
/** By event, as far as they were asked for: several are published with every step of a prescription. */
const heardBy = new Map<string, readonly Subscription[]>();

/**
 * Declares a job once, next to its handler.
 * @throws Error at import when the name is taken or the queue unknown
 */
export function defineJob<P extends JobPayload>(definition: {
  name: string;
  queue: JobQueue;
  retry: keyof typeof retryPolicies;
  /** Where it is not that of its queue. */
  owner?: JobOwner;
  on?: readonly HeardEvent[];
}): JobDefinition<P> {
  if (defined.has(definition.name)) throw new Error(`job ${definition.name} is defined twice`);
  if (![...queueNames, bookkeeping.name].includes(definition.queue))
    throw new Error(`job ${definition.name} names an unknown queue`);
  const { owner = ownerOfQueue(definition.queue), on = [] } = definition;
  const job: JobDefinition<P> = { ...definition, on, owner, retry: retryPolicies[definition.retry] };
  defined.set(job.name, job);
  heardBy.clear();
  return job;
}

const ownerOfQueue = (queue: JobQueue): JobOwner => (queue === bookkeeping.name ? bookkeeping : queues[queue]).owner;

/** Of a job that no longer exists only those who know the code can say what to do. */
export const ownerOfUnknownJobs: JobOwner = 'platform';
export const ownerOf = (name: string): JobOwner => defined.get(name)?.owner ?? ownerOfUnknownJobs;

export function definedJobs(): readonly JobDefinition[] {
  return [...defined.values()];
}

/** The jobs an event starts, in order of definition. */
export function subscribersOf(event: string): readonly Subscription[] {
  const known = heardBy.get(event);
  if (known !== undefined) return known;
  const found = definedJobs().flatMap((job) =>
    job.on.flatMap((on) => {
      const { event: heard, variant } = asVariant(on);
      return heard === event ? [{ job, variant }] : [];
    }),
  );
  heardBy.set(event, found);
  return found;
}

function asVariant(on: HeardEvent): { event: string; variant: string | null } {
  if (typeof on === 'string') return { event: on, variant: null };
  return 'onRequest' in on ? { event: on.event, variant: onRequest } : on;
}

const handlesKey = Symbol('handles');

/** Marks the method that does the job. Wrong payload types do not compile; a job without handler stops the start. */
export function Handles<P extends JobPayload>(job: JobDefinition<P>) {
  return <M extends (payload: P, run: JobRun) => Promise<void>>(
    _target: object,
    _property: string,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    if (descriptor.value) Reflect.defineMetadata(handlesKey, job.name, descriptor.value);
  };
}

export function handledJob(method: unknown): string | undefined {
  return typeof method === 'function' ? (Reflect.getMetadata(handlesKey, method) as string | undefined) : undefined;
}

/** One execution of a job. */
export interface JobRun {
  /** The outbox row behind the job. Close it in the same transaction as the effect: see `Outbox.close`. */
  readonly outboxId: string;
  readonly attempt: number;
  /** What started it, for jobs that several events start; undefined for one enqueued by itself. */
  readonly event?: string | undefined;
  /** Notes that the row was closed by a committed transaction. */
  closed: boolean;
}
