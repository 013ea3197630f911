import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { definedJobs, handledJob, type JobPayload, type JobRun } from './definition.js';
import { retryPolicies, type RetryPolicy } from './retry.js';

type Handler = (payload: JobPayload, run: JobRun) => Promise<void>;

/** Finds the `@Handles` methods of all providers once and refuses a start at which a job has none. */
@Injectable()
export class HandlerTable {
  private readonly handlers = new Map<string, Handler>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws Error naming every job without a handler and every handler without a job */
  collect(): void {
    for (const { instance } of this.discovery.getProviders()) {
      if (typeof instance !== 'object' || instance === null) continue;
      const prototype = Object.getPrototypeOf(instance) as object | null;
      if (prototype === null) continue;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const method = (instance as Record<string, unknown>)[name];
        const job = handledJob(method);
        if (job === undefined) continue;
        if (this.handlers.has(job)) throw new Error(`job ${job} has two handlers`);
        this.handlers.set(job, (method as Handler).bind(instance));
      }
    }
    const names = definedJobs().map((job) => job.name);
    const orphans = names.filter((name) => !this.handlers.has(name));
    if (orphans.length > 0) throw new Error(`no handler for job(s): ${orphans.join(', ')}`);
  }

  async handle(job: string, payload: JobPayload, run: JobRun): Promise<void> {
    const handler = this.handlers.get(job);
    if (handler === undefined) throw new UnknownJob(job);
    await handler(payload, run);
  }

  retryOf(job: string): RetryPolicy {
    return definedJobs().find(({ name }) => name === job)?.retry ?? retryPolicies.vendor;
  }
}

/** A row of another release. While releases are exchanged a process of the other one may take it, so it is tried again. */
class UnknownJob extends Error {
  readonly code = 'job.unknown';

  constructor(job: string) {
    super(`no handler for job ${job}`);
  }
}
