import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestFaults, type Fault } from './faults.js';
import type { Vendor, World } from './world.js';

export interface VendorScope {
  vendor: Vendor;
  prefix: string;
  /** The vendor's own words for a refusal; the status may be changed (a claim host says 503, not 500). */
  refusal: (status: 429 | 500) => { status: number; body: object };
  routes: (scope: FastifyInstance) => void;
}

const never = (): Promise<never> => new Promise<never>(() => undefined);

/**
 * Mounts a vendor's routes between two layers of faults. `500_after` sits below the vendor's own hooks, so that an
 * idempotency store keeps the 500 as Stripe's does; hang and reset sit above them, so that the store keeps the good answer.
 */
export function mountVendor(app: FastifyInstance, world: World, options: VendorScope): void {
  const { vendor, prefix, refusal, routes } = options;
  const armed = new WeakMap<FastifyRequest, Fault>();
  const refuse = (reply: FastifyReply, status: 429 | 500): string => {
    const answer = refusal(status);
    if (status === 429) reply.header('retry-after', '1');
    reply.code(answer.status).header('content-type', 'application/json');
    return JSON.stringify(answer.body);
  };

  void app.register(
    (scope, _options, done) => {
      scope.addHook('onRequest', async (request, reply) => {
        const path = request.url.split('?')[0] ?? request.url;
        const fault = world.faults.take(vendor, requestFaults, { method: request.method, path });
        if (!fault) return;
        if (fault.kind === '500_before') return reply.send(refuse(reply, 500));
        if (fault.kind === '429') return reply.send(refuse(reply, 429));
        if (fault.kind === '500_after' || fault.stage === 'after') {
          armed.set(request, fault);
          return;
        }
        reply.hijack();
        if (fault.kind === 'reset') request.raw.socket.resetAndDestroy();
      });
      scope.addHook('onSend', async (request, reply, payload) =>
        armed.get(request)?.kind === '500_after' ? refuse(reply, 500) : payload,
      );
      routes(scope);
      scope.addHook('onSend', async (request, _reply, payload) => {
        const kind = armed.get(request)?.kind;
        if (kind === 'hang') return never();
        if (kind === 'reset') {
          request.raw.socket.resetAndDestroy();
          return never();
        }
        return payload;
      });
      done();
    },
    { prefix },
  );
}
