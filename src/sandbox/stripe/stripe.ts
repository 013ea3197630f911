import type { FastifyInstance } from 'fastify';
import { mountVendor } from '../core/vendor-scope.js';
import type { Simulated, World } from '../core/world.js';
import { checkoutPages } from './checkout.page.js';
import { Idempotency } from './stripe.idempotency.js';
import * as params from './stripe.params.js';
import { stripeRoutes } from './stripe.routes.js';
import { StripeStore } from './stripe.store.js';

interface WithId {
  Params: { id: string };
}

/** Stripe: `/v1`, the checkout page, and what only the sandbox can do: expire, pay and dispute a session. */
export function stripe(app: FastifyInstance, world: World): Simulated {
  const store = new StripeStore(world);
  const idempotency = new Idempotency(world);
  mountVendor(app, world, {
    vendor: 'stripe',
    prefix: '/v1',
    refusal: (status) => ({
      status,
      body: {
        error: {
          type: status === 429 ? 'invalid_request_error' : 'api_error',
          message: 'Injected fault.',
          ...(status === 429 && { code: 'rate_limit' }),
        },
      },
    }),
    routes: (scope) => {
      idempotency.install(scope);
      stripeRoutes(scope, store);
    },
  });
  checkoutPages(app, store);
  app.post<WithId>('/_sandbox/stripe/sessions/:id/expire', (request) => store.expireSession(request.params.id));
  app.get('/_sandbox/stripe/sessions', () => [...store.sessions.values()]);
  app.post<WithId & { Body: { card?: string } | undefined }>('/_sandbox/stripe/sessions/:id/pay', (request) => ({
    error: store.pay(request.params.id, request.body?.card ?? ''),
    session: store.session(request.params.id),
  }));
  app.post<WithId>('/_sandbox/stripe/sessions/:id/dispute', (request) =>
    store.dispute(request.params.id, params.parseParams(params.openDispute, request.body)),
  );
  app.get('/_sandbox/stripe/disputes', () => [...store.disputes.all.values()]);
  app.post<WithId>('/_sandbox/stripe/disputes/:id/close', (request) =>
    store.disputes.close(request.params.id, params.parseParams(params.closeDispute, request.body).status),
  );
  return {
    reset: () => {
      store.reset();
      idempotency.reset();
    },
  };
}
