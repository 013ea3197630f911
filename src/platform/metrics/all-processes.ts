import cluster from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { z } from 'zod';
import { fail } from '../errors/index.js';

/**
 * Processes that share a port (ApiProcesses): whichever is asked for metrics answers for all. It asks the one that keeps them,
 * which asks each.
 */
const question = z.object({ metricsAsked: z.number() });
const answer = z.object({ metricsOf: z.number(), text: z.string().optional() });

const patienceMs = 10_000;
/** One that takes the place of another is starting. */
const retryAfterSeconds = 5;

/** In the process that keeps the others. */
export function answerForAllProcesses(): void {
  const all = new AggregatorRegistry();
  cluster.on('message', (worker, message: unknown) => {
    const { success, data } = question.safeParse(message);
    if (!success) return;
    const send = (text?: string) => worker.isConnected() && worker.send({ metricsOf: data.metricsAsked, text });
    all.clusterMetrics().then(send, () => send());
  });
}

/** The library hears in each process what it asks the others, from the first such registry on. */
const listenForQuestions = () => new AggregatorRegistry();

let asked = 0;

/** In one of the others. @returns what renders the metrics of all of them; it throws `service.unavailable` when one of them does not answer */
export function rendererForAllProcesses(registry: Registry): () => Promise<string> {
  AggregatorRegistry.setRegistries(registry);
  listenForQuestions();
  return () =>
    new Promise((resolve, reject) => {
      asked += 1;
      const own = asked;
      const end = (finish: () => void) => {
        clearTimeout(late);
        process.off('message', hear);
        finish();
      };
      const none = () => reject(fail('service.unavailable', { retryAfterSeconds }));
      const late = setTimeout(() => end(none), patienceMs);
      const hear = (message: unknown) => {
        const { data } = answer.safeParse(message);
        if (data?.metricsOf !== own) return;
        const { text } = data;
        end(text === undefined ? none : () => resolve(text));
      };
      process.on('message', hear);
      process.send?.({ metricsAsked: own });
    });
}
