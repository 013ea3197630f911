import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { queryOf } from '../core/form.js';
import { alphanumeric } from '../core/ids.js';
import { noSuch, StripeRefusal } from './stripe.errors.js';
import { STRIPE_API_VERSION, type Caller } from './stripe.events.js';
import { idempotencyKey } from './stripe.idempotency.js';
import { listOf } from './stripe.lists.js';
import * as params from './stripe.params.js';
import type { StripeStore } from './stripe.store.js';

type Plain = Record<string, unknown>;
interface WithId {
  Params: { id: string };
}

/** `/v1` of one test account. */
export function stripeRoutes(scope: FastifyInstance, store: StripeStore): void {
  scope.setErrorHandler((error, _request, reply) => {
    if (error instanceof StripeRefusal) return reply.code(error.statusCode).send(error.body);
    return reply.code(500).send({ error: { type: 'api_error', message: 'The sandbox failed to answer.' } });
  });
  scope.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      error: {
        type: 'invalid_request_error',
        message: `Unrecognized request URL (${request.method}: ${request.url}).`,
      },
    }),
  );
  scope.addHook('onRequest', authenticate);

  const answer = (request: FastifyRequest, object: object): object => expand(store, request, object);
  const list = (request: FastifyRequest, rows: { id: string }[]): object => {
    const page = listOf(
      rows,
      params.parseParams(params.listParams, queryOf(request.url)),
      request.url.split('?')[0] ?? '',
    );
    return { ...page, data: page.data.map((row) => expand(store, request, row, 'data.')) };
  };
  const newest = <T>(map: Map<string, T>): T[] => [...map.values()].reverse();

  scope.post('/checkout/sessions', (request) => {
    const input = params.parseParams(params.createSession, request.body);
    return answer(request, store.createSession(input, callerOf(request)));
  });
  scope.get('/checkout/sessions', (request) => list(request, newest(store.sessions)));
  scope.get<WithId>('/checkout/sessions/:id', (request) => answer(request, store.session(request.params.id)));
  scope.get<WithId>('/checkout/sessions/:id/line_items', (request) =>
    list(request, store.lineItems.get(store.session(request.params.id).id) ?? []),
  );
  scope.post<WithId>('/checkout/sessions/:id/expire', (request) =>
    answer(request, store.expireSession(request.params.id, callerOf(request))),
  );

  scope.post('/payment_intents', (request) => {
    const input = params.parseParams(params.createIntent, request.body);
    return answer(request, store.createIntent(input, callerOf(request)));
  });
  scope.get('/payment_intents', (request) => list(request, newest(store.intents)));
  scope.get<WithId>('/payment_intents/:id', (request) => answer(request, store.intent(request.params.id)));
  scope.post<WithId>('/payment_intents/:id/confirm', (request) => {
    const { payment_method: method } = params.parseParams(params.confirmIntent, request.body);
    return answer(request, store.confirmIntent(request.params.id, method, callerOf(request)));
  });
  scope.post<WithId>('/payment_intents/:id/cancel', (request) => {
    const { cancellation_reason: reason } = params.parseParams(params.cancelIntent, request.body);
    return answer(request, store.cancelIntent(request.params.id, reason, callerOf(request)));
  });

  scope.get('/charges', (request) => list(request, newest(store.charges)));
  scope.get<WithId>('/charges/:id', (request) => answer(request, found(store.charges, 'charge', request.params.id)));

  scope.post('/refunds', (request) => {
    const input = params.parseParams(params.createRefund, request.body);
    return answer(request, store.createRefund(input, callerOf(request)));
  });
  scope.get('/refunds', (request) => list(request, newest(store.refunds)));
  scope.get<WithId>('/refunds/:id', (request) => answer(request, found(store.refunds, 'refund', request.params.id)));

  scope.get('/disputes', (request) => list(request, newest(store.disputes.all)));
  scope.get<WithId>('/disputes/:id', (request) => answer(request, store.disputes.get(request.params.id)));

  scope.post('/prices', (request) => store.prices.createPrice(params.parseParams(params.createPrice, request.body)));
  scope.post('/payment_links', (request) =>
    store.prices.createLink(params.parseParams(params.createPaymentLink, request.body)),
  );
  scope.get<WithId>('/payment_links/:id', (request) => store.prices.link(request.params.id).link);

  scope.get('/events', (request) => list(request, store.events.list()));
  scope.get<WithId>('/events/:id', (request) => {
    const event = store.events.list().find((one) => one.id === request.params.id);
    if (!event) throw noSuch('event', request.params.id);
    return event;
  });
  scope.get('/balance', () => ({
    object: 'balance',
    livemode: false,
    available: [{ amount: 0, currency: 'usd' }],
    pending: [],
  }));
  scope.get('/account', () => ({ id: 'acct_sandbox', object: 'account', country: 'US', charges_enabled: true }));
}

async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('request-id', `req_${alphanumeric(14)}`).header('stripe-version', STRIPE_API_VERSION);
  if (/^Bearer (sk|rk)_\S+$/.test(request.headers.authorization ?? '')) return;
  throw new StripeRefusal(401, 'invalid_request_error', 'You did not provide an API key.');
}

function callerOf(request: FastifyRequest): Caller {
  return { requestId: `req_${alphanumeric(14)}`, idempotencyKey: idempotencyKey(request) };
}

function found<T>(map: Map<string, T>, what: string, id: string): T {
  const value = map.get(id);
  if (!value) throw noSuch(what, id);
  return value;
}

/** `expand[]=payment_intent.latest_charge`: replaces ids by what they name, level by level. */
function expand(store: StripeStore, request: FastifyRequest, object: object, prefix = ''): object {
  const source = request.method === 'GET' ? queryOf(request.url) : request.body;
  const { expand: paths } = params.parseParams(params.expandParams, source);
  const copy: Plain = structuredClone({ ...object });
  for (const path of paths) {
    if (path.startsWith(prefix)) expandPath(store, copy, path.slice(prefix.length).split('.'));
  }
  return copy;
}

function expandPath(store: StripeStore, object: Plain, path: string[]): void {
  const [field, ...rest] = path;
  if (field === undefined) return;
  const value = field === 'line_items' ? lineItemsOf(store, object) : named(store, field, object[field]);
  if (value === undefined) return;
  object[field] = value;
  expandPath(store, value, rest);
}

function named(store: StripeStore, field: string, id: unknown): Plain | undefined {
  if (typeof id !== 'string') return id !== null && typeof id === 'object' ? (id as Plain) : undefined;
  const sources: Record<string, Map<string, object>> = {
    payment_intent: store.intents,
    latest_charge: store.charges,
    charge: store.charges,
  };
  const value = sources[field]?.get(id);
  return value && { ...value };
}

function lineItemsOf(store: StripeStore, session: Plain): Plain {
  return { object: 'list', data: store.lineItems.get(String(session.id)) ?? [], has_more: false };
}
