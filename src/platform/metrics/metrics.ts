import { Injectable } from '@nestjs/common';
import cluster from 'node:cluster';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { rendererForAllProcesses } from './all-processes.js';

export type JobOutcome = 'done' | 'failed' | 'later' | 'dead' | 'stale';

/** Labels are bounded: route patterns, job names, outcomes. Never an id, never a URL. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  private readonly requests = new Histogram({
    name: 'pharmonico_http_request_seconds',
    help: 'Duration of HTTP requests by route pattern',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });

  private readonly jobs = new Counter({
    name: 'pharmonico_jobs_total',
    help: 'Finished job runs by name and outcome',
    labelNames: ['job', 'outcome'] as const,
    registers: [this.registry],
  });

  private readonly jobSeconds = new Histogram({
    name: 'pharmonico_job_seconds',
    help: 'Duration of job runs',
    labelNames: ['job'] as const,
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 20, 60],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'pharmonico_' });
  }

  observeRequest(line: { method: string; route: string; status: number; ms: number }): void {
    this.requests.observe({ method: line.method, route: line.route, status: line.status }, line.ms / 1000);
  }

  /** Fits `WorkerHostOptions.observe`. */
  readonly observeJob = (job: string, outcome: JobOutcome, seconds: number): void => {
    this.jobs.inc({ job, outcome });
    this.jobSeconds.observe({ job }, seconds);
  };

  /** A counter of a module's own; label values are bounded, never ids. */
  counter<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
  ): (labels: Record<L, string>, by?: number) => void {
    const counter = new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
    return (labels, by = 1) => counter.inc(labels, by);
  }

  /** A figure that is read when Prometheus asks. A figure that cannot be read is left out, never answered as 0. */
  gauge(name: string, help: string, read: () => Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      // Processes that share a port read the same figure.
      aggregator: 'max',
      async collect() {
        try {
          this.set(await read());
        } catch {
          this.remove();
        }
      },
    });
  }

  /** Of all processes that share this one's port. */
  readonly render: () => Promise<string> = cluster.isWorker
    ? rendererForAllProcesses(this.registry)
    : () => this.registry.metrics();
}
