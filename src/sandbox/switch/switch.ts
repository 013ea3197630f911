import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { mountVendor } from '../core/vendor-scope.js';
import type { Simulated, World } from '../core/world.js';
import { ClaimHost } from './switch.store.js';
import { billing, reversal } from './switch.wire.js';

const transactionCode = z.object({ header: z.object({ transactionCode: z.enum(['B1', 'B2']) }) });
const authorizationInput = z.strictObject({ cardholderId: z.string().min(1), ndc: z.string().regex(/^\d{11}$/) });
const fillInput = z.strictObject({
  cardholderId: z.string().min(1),
  ndc: z.string().regex(/^\d{11}$/),
  dateOfService: z.string().regex(/^\d{8}$/),
  daysSupply: z.int().min(1).max(999),
});

/** The claim switch under `/switch/v1`; a host that is down says 503 and 92 (unavailable) or 99 (failed while working). */
export function claimSwitch(app: FastifyInstance, world: World): Simulated {
  const host = new ClaimHost(world);
  mountVendor(app, world, {
    vendor: 'switch',
    prefix: '/switch/v1',
    refusal: (status) =>
      status === 429
        ? { status, body: { error: 'Too many requests.' } }
        : { status: 503, body: { error: 'Host unavailable.', codes: ['92'] } },
    routes: (scope) => {
      scope.setErrorHandler((error, _request, reply) => {
        if (error instanceof z.ZodError) {
          const fields = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
          return reply.code(400).send({ error: fields.join('; ') });
        }
        return reply.code(503).send({ error: 'Host processing error.', codes: ['99'] });
      });
      scope.addHook('onRequest', async (request, reply) => {
        if (/^Bearer \S+$/.test(request.headers.authorization ?? '')) return;
        return reply.code(401).send({ error: 'A bearer key is required.' });
      });
      scope.post('/transactions', (request) => {
        const key = request.headers['idempotency-key'];
        const idempotencyKey = typeof key === 'string' ? key : '';
        const { header } = transactionCode.parse(request.body);
        if (header.transactionCode === 'B1') return host.bill(billing.parse(request.body), idempotencyKey);
        return host.reverse(reversal.parse(request.body), idempotencyKey);
      });
    },
  });
  app.post('/_sandbox/switch/prior-authorizations', (request) => {
    const { cardholderId, ndc } = authorizationInput.parse(request.body);
    return { priorAuthNumber: host.approve(cardholderId, ndc) };
  });
  app.post('/_sandbox/switch/fills', (request) => {
    const fill = fillInput.parse(request.body);
    host.seedFill(fill);
    return fill;
  });
  return { reset: () => host.reset() };
}
