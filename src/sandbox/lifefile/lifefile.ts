import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { mountVendor } from '../core/vendor-scope.js';
import type { Simulated, World } from '../core/world.js';
import { LifefileRefusal, OrderBook, orderInput, orderStatuses, type PharmacyOrder } from './lifefile.store.js';

interface WithId {
  Params: { id: string };
}

const status = z.enum(orderStatuses);
/** Either word: people know the status as the event they wait for. */
const advanceInput = z.union([
  z.strictObject({ status }),
  z.strictObject({ eventType: status }).transform(({ eventType }) => ({ status: eventType })),
]);

/** Lifefile's order door under `/lifefile/api/order`, and the pharmacist's hand under `/_sandbox/lifefile`. */
export function lifefile(app: FastifyInstance, world: World): Simulated {
  const book = new OrderBook(world);
  mountVendor(app, world, {
    vendor: 'lifefile',
    prefix: '/lifefile/api/order',
    refusal: (refused) => ({ status: refused, body: { type: 'error', message: 'Injected fault.' } }),
    routes: (scope) => routes(scope, world, book),
  });
  app.get('/_sandbox/lifefile/orders', () => book.list().map(publicPart));
  app.post<WithId>('/_sandbox/lifefile/orders/:id/advance', (request) =>
    answer(book.advance(request.params.id, advanceInput.parse(request.body).status)),
  );
  return { reset: () => book.reset() };
}

function routes(scope: FastifyInstance, world: World, book: OrderBook): void {
  scope.setErrorHandler((error, _request, reply) => {
    if (error instanceof LifefileRefusal)
      return reply.code(error.statusCode).send({ type: 'error', message: error.message });
    if (error instanceof z.ZodError) {
      const fields = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      return reply.code(400).send({ type: 'error', message: fields.join('; ') });
    }
    return reply.code(500).send({ type: 'error', message: 'The sandbox failed to answer.' });
  });
  scope.addHook('onRequest', async (request, reply) => {
    if (isAllowed(request.headers.authorization ?? '', world)) return;
    return reply.code(401).send({ type: 'error', message: 'Unauthorized' });
  });

  scope.post('/', (request) => answer(book.place(orderInput.parse(request.body))));
  scope.get<WithId>('/:id', (request) => answer(book.find(request.params.id)));
  scope.get<WithId>('/by-reference/:id', (request) => {
    const order = book.findByReference(request.params.id);
    return { ...answer(order), order: order.received.order };
  });
  scope.post<WithId>('/:id/cancel', (request) => answer(book.cancel(request.params.id)));
}

function answer(order: PharmacyOrder): { type: string; message: string; data: object } {
  return { type: 'success', message: 'Success', data: publicPart(order) };
}

/** Without the order as it came: that names the patient. */
function publicPart({ orderId, referenceId, status: current, history, fills, tracking }: PharmacyOrder): object {
  return { orderId, referenceId, status: current, history, fills, tracking };
}

function isAllowed(header: string, world: World): boolean {
  const { lifefileUser, lifefilePassword } = world.settings.secrets;
  if (!lifefileUser || !lifefilePassword) return /^Basic \S+$/.test(header);
  const wanted = Buffer.from(`Basic ${Buffer.from(`${lifefileUser}:${lifefilePassword}`).toString('base64')}`);
  const given = Buffer.from(header);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
