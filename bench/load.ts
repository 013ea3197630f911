import { Agent, request } from 'node:http';

export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers by status. */
  statuses: Record<string, number>;
}

export interface LoadPlan {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  /** One body a request; for GET the number of requests. */
  bodies: readonly string[];
  /** Headers of a body's own, such as its signature: as many as bodies, in their order. */
  ownHeaders?: readonly Record<string, string>[];
  connections: number;
}

/**
 * Sends every body once over a fixed number of kept-alive connections, as fast as answers come. The times are those of open
 * connections: the first answer of each, which waits until all of them are let in, is counted with the rest but not timed.
 * Loopback only.
 */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.connections });
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: plan.connections }, async () => {
      for (let at = next++; at < plan.bodies.length; at = next++) {
        const sent = performance.now();
        const status = await send(plan, at, agent);
        if (at >= plan.connections) times.push(performance.now() - sent);
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  times.sort((left, right) => left - right);
  return {
    perSecond: plan.bodies.length / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    statuses,
  };
}

function send(plan: LoadPlan, at: number, agent: Agent): Promise<number> {
  const headers = { ...plan.headers, ...plan.ownHeaders?.[at] };
  return new Promise((resolve, reject) => {
    const call = request(plan.url, { method: plan.method, agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    call.once('error', reject);
    call.end(plan.method === 'POST' ? plan.bodies[at] : undefined);
  });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((left, right) => left - right),
    0.5,
  );
}
