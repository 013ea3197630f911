import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { mountVendor } from '../core/vendor-scope.js';
import type { Simulated, World } from '../core/world.js';
import { LifefileRefusal, OrderBook, orderInput, orderStatuses, type PharmacyOrder } from './lifefile.store.js';

interface WithId {
  Params: { id: string };
}

const idHeaders = ['x-api-network-id', 'x-vendor-id', 'x-location-id'] as const;
type IdHeader = (typeof idHeaders)[number];

const status = z.enum(orderStatuses);
/** The one status that is no word of the pharmacist's own. */
const statusInput = z.object({ status: z.literal('order_cancelled') });
/** Either word: people know the status as the event they wait for. */
const advanceInput = z.union([
  z.strictObject({ status }),
  z.strictObject({ eventType: status }).transform(({ eventType }) => ({ status: eventType })),
]);

/** Lifefile's order door under `/lifefile/lfapi/v1/order`, and the pharmacist's hand under `/_sandbox/lifefile`. */
export function lifefile(app: FastifyInstance, world: World): Simulated {
  const book = new OrderBook(world);
  mountVendor(app, world, {
    vendor: 'lifefile',
    prefix: '/lifefile/lfapi/v1/order',
    refusal: (refused) => ({ status: refused, body: { type: 'error', message: 'Injected fault.' } }),
    routes: (scope) => routes(scope, world, book),
  });
  app.get('/_sandbox/lifefile/orders', () => book.list().map(publicPart));
  /** As the pharmacist reads it, with the patient. */
  app.get<WithId>('/_sandbox/lifefile/orders/:id', ({ params }, reply) => {
    const order = book.list().find(({ orderId }) => orderId === params.id);
    return order === undefined ? reply.code(404).send({ error: 'No such order.' }) : order.received;
  });
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
      const messages = error.issues.map(({ path, message }) => `The ${path.join('.')} field is invalid: ${message}`);
      return reply.code(400).send({ type: 'error', messages });
    }
    return reply.code(500).send({ type: 'error', message: 'The sandbox failed to answer.' });
  });
  scope.addHook('onRequest', async (request, reply) => {
    if (!isAllowed(request.headers.authorization ?? '', world))
      return reply.code(401).send({ type: 'error', message: 'Unauthorized' });
    const stranger = idHeaders.find((name) => !isKnown(name, request.headers[name], world));
    if (stranger !== undefined) return reply.code(403).send({ type: 'error', message: `Invalid ${stranger}.` });
    return undefined;
  });

  scope.post('/', (request) => answer(book.place(orderInput.parse(request.body))));
  // None is Lifefile's own; whoever asks without it gets what any server says of an address it does not know.
  scope.get<WithId>('/by-reference/:id', (request, reply) =>
    world.settings.lifefileLookup ? answer(book.findByReference(request.params.id)) : reply.callNotFound(),
  );
  scope.put<WithId>('/:id/status', (request) => {
    statusInput.parse(request.body);
    return answer(book.cancel(request.params.id));
  });
}

function answer(order: PharmacyOrder): { type: string; message: string; data: object } {
  return { type: 'success', message: 'Success', data: publicPart(order) };
}

/** Without the order as it came: that names the patient. */
function publicPart({ orderId, referenceId, status: current, history, fills, tracking }: PharmacyOrder): object {
  return { orderId, referenceId, status: current, history, fills, tracking };
}

function isKnown(name: IdHeader, given: unknown, { settings }: World): boolean {
  const wanted = settings.secrets.lifefileIds?.[name];
  return wanted === undefined ? typeof given === 'string' && /^\d+$/.test(given) : given === wanted;
}

function isAllowed(header: string, world: World): boolean {
  const { lifefileUser, lifefilePassword } = world.settings.secrets;
  if (!lifefileUser || !lifefilePassword) return /^Basic \S+$/.test(header);
  const wanted = Buffer.from(`Basic ${Buffer.from(`${lifefileUser}:${lifefilePassword}`).toString('base64')}`);
  const given = Buffer.from(header);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
