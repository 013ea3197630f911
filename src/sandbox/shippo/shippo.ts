import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { mountVendor } from '../core/vendor-scope.js';
import type { Simulated, World } from '../core/world.js';
import { labelPdf, labelPng, type Label } from './label.js';
import { ShippoRefusal } from './shippo.errors.js';
import * as params from './shippo.params.js';
import { Shipments } from './shippo.shipments.js';
import { Tracks } from './shippo.tracks.js';
import { Transactions } from './shippo.transactions.js';

interface WithId {
  Params: { id: string };
}

interface Account {
  shipments: Shipments;
  transactions: Transactions;
  tracks: Tracks;
}

/** Shippo under `/shippo`: the SDK checks every answer against its schemas, so absent fields are left out, never null. */
export function shippo(app: FastifyInstance, world: World): Simulated {
  const shipments = new Shipments();
  const tracks = new Tracks(world);
  const account = { shipments, tracks, transactions: new Transactions(world, shipments, tracks) };
  mountVendor(app, world, {
    vendor: 'shippo',
    prefix: '/shippo',
    refusal: (status) => ({ status, body: { detail: 'Injected fault.' } }),
    routes: (scope) => routes(scope, account),
  });
  app.get('/_sandbox/shippo/tracks', () => tracks.list());
  app.post<{ Params: { number: string } }>('/_sandbox/shippo/tracks/:number/advance', (request) => {
    const { status, substatus, statusDate } = params.advanceInput.parse(request.body);
    return tracks.advance(request.params.number, status, substatus, statusDate);
  });
  return {
    reset: () => {
      shipments.reset();
      account.transactions.reset();
      tracks.reset();
    },
  };
}

function routes(scope: FastifyInstance, { shipments, transactions, tracks }: Account): void {
  scope.setErrorHandler((error, _request, reply) => {
    if (error instanceof ShippoRefusal) return reply.code(error.statusCode).send({ detail: error.message });
    if (error instanceof z.ZodError) return reply.code(400).send(fieldErrors(error));
    return reply.code(500).send({ detail: 'The sandbox failed to answer.' });
  });
  scope.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/shippo/labels/')) return;
    if (/^(ShippoToken|Bearer) \S+$/.test(request.headers.authorization ?? '')) return;
    return reply.code(401).send({ detail: 'Authentication credentials were not provided.' });
  });

  const created = (reply: FastifyReply, object: object): FastifyReply => reply.code(201).send(object);

  scope.post('/addresses', (request, reply) =>
    created(reply, shipments.createAddress(params.addressInput.parse(request.body))),
  );
  scope.get('/addresses', (request) => pageOf([...shipments.addresses.values()].reverse(), request.query));
  scope.get<WithId>('/addresses/:id', (request) => shipments.address(request.params.id));
  scope.get<WithId>('/addresses/:id/validate', (request) => shipments.validateAddress(request.params.id));

  scope.post('/shipments', (request, reply) =>
    created(reply, shipments.createShipment(params.shipmentInput.parse(request.body))),
  );
  scope.get('/shipments', (request) => pageOf([...shipments.shipments.values()].reverse(), request.query));
  scope.get<WithId>('/shipments/:id', (request) => shipments.shipment(request.params.id));
  scope.get<WithId>('/shipments/:id/rates', (request) =>
    pageOf(shipments.shipment(request.params.id).rates, request.query),
  );
  scope.get<WithId>('/rates/:id', (request) => {
    const rate = shipments.rates.get(request.params.id);
    if (!rate) throw new ShippoRefusal(404, 'Rate not found.');
    return rate;
  });

  scope.post('/transactions', (request, reply) =>
    created(reply, transactions.buy(params.transactionInput.parse(request.body))),
  );
  scope.get('/transactions', (request) => {
    const query = z.object({ rate: z.string().optional(), object_status: z.string().optional() }).parse(request.query);
    return pageOf(transactions.list({ rate: query.rate, status: query.object_status }), request.query);
  });
  scope.get<WithId>('/transactions/:id', (request) => transactions.find(request.params.id));

  scope.post('/refunds', (request, reply) =>
    created(reply, transactions.refund(params.refundInput.parse(request.body).transaction)),
  );
  scope.get('/refunds', (request) => pageOf([...transactions.refunds.values()].reverse(), request.query));
  scope.get<WithId>('/refunds/:id', (request) => {
    const refund = transactions.refunds.get(request.params.id);
    if (!refund) throw new ShippoRefusal(404, 'Refund not found.');
    return refund;
  });

  // Unlike every other create, the SDK wants 200 here.
  scope.post('/tracks', (request) => {
    const { carrier, tracking_number: number, metadata } = params.trackInput.parse(request.body);
    return tracks.register(carrier, number, metadata ?? '');
  });
  scope.get<{ Params: { carrier: string; number: string } }>('/tracks/:carrier/:number', (request) =>
    tracks.find(request.params.carrier, request.params.number),
  );

  const labelOf = (id: string): Label => {
    const transaction = transactions.find(id);
    const rate = shipments.rates.get(transaction.rate);
    if (!rate) throw new ShippoRefusal(404, 'Rate not found.');
    const { address_from: from, address_to: to } = shipments.shipment(rate.shipment);
    const { provider: carrier, servicelevel } = rate;
    return { carrier, service: servicelevel.name, trackingNumber: transaction.tracking_number ?? '', from, to };
  };
  scope.get<WithId>('/labels/:id.pdf', (request, reply) =>
    reply.type('application/pdf').send(labelPdf(labelOf(request.params.id))),
  );
  scope.get<WithId>('/labels/:id.png', (request, reply) =>
    reply.type('image/png').send(labelPng(labelOf(request.params.id).trackingNumber)),
  );
  scope.get('/carrier_accounts', () => ({ results: [] }));
}

function pageOf(rows: object[], query: unknown): object {
  const { page, results } = params.pageQuery.parse(query);
  return { results: rows.slice((page - 1) * results, page * results) };
}

function fieldErrors(error: z.ZodError): object {
  return Object.fromEntries(error.issues.map((issue) => [issue.path.join('.') || '__all__', [issue.message]]));
}
