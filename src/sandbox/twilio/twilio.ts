import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { queryOf } from '../core/form.js';
import { escape, linkify, page } from '../core/html.js';
import { mountVendor } from '../core/vendor-scope.js';
import type { Simulated, World } from '../core/world.js';
import { TwilioRefusal, TwilioStore, type Message } from './twilio.store.js';

const text = z.string().default('');
const createMessage = z.object({
  To: text,
  From: text,
  MessagingServiceSid: text,
  Body: text,
  StatusCallback: z.url().optional(),
});
const listQuery = z.object({
  To: z.string().optional(),
  From: z.string().optional(),
  DateSent: z.string().optional(),
  'DateSent<': z.string().optional(),
  'DateSent>': z.string().optional(),
  PageSize: z.coerce.number().int().min(1).max(1000).default(50),
  Page: z.coerce.number().int().min(0).default(0),
});
const phone = z.string().min(1);

interface InAccount {
  Params: { sid: string; message: string };
}

/** Twilio's messages under `/twilio`, the page `/sms`, and the handset's side under `/_sandbox/twilio`. */
export function twilio(app: FastifyInstance, world: World): Simulated {
  const store = new TwilioStore(world);
  mountVendor(app, world, {
    vendor: 'twilio',
    prefix: '/twilio/2010-04-01',
    refusal: (status) => ({
      status,
      body: { code: status === 429 ? 20429 : 20500, message: 'Injected fault.', more_info: '', status },
    }),
    routes: (scope) => routes(scope, store),
  });
  handset(app, store);
  return { reset: () => store.reset() };
}

function routes(scope: FastifyInstance, store: TwilioStore): void {
  scope.setErrorHandler((error, _request, reply) => {
    if (error instanceof TwilioRefusal) return reply.code(400).send(refusalBody(error.code, error.message, 400));
    if (error instanceof z.ZodError) return reply.code(400).send(refusalBody(20001, 'Unsupported parameter.', 400));
    return reply.code(500).send(refusalBody(20500, 'The sandbox failed to answer.', 500));
  });
  scope.addHook('onRequest', async (request, reply) => {
    if (/^Basic \S+$/.test(request.headers.authorization ?? '')) return;
    return reply.code(401).send(refusalBody(20003, 'Authenticate', 401));
  });

  scope.get<InAccount>('/Accounts/:sid.json', (request) => ({
    sid: request.params.sid,
    friendly_name: 'Sandbox',
    status: 'active',
    type: 'Trial',
  }));
  scope.post<InAccount>('/Accounts/:sid/Messages.json', (request, reply) => {
    const { To, From, MessagingServiceSid, Body, StatusCallback } = createMessage.parse(request.body ?? {});
    const from = From === '' ? MessagingServiceSid : From;
    const message = store.send(request.params.sid, {
      to: To,
      from,
      body: Body,
      statusCallback: StatusCallback ?? null,
    });
    return reply.code(201).send(resource(message));
  });
  scope.get<InAccount>('/Accounts/:sid/Messages.json', (request) => {
    const query = listQuery.parse(queryOf(request.url));
    const wanted = store
      .list()
      .filter((message) => message.accountSid === request.params.sid && matches(message, query));
    return listPage(request.url.replace(/^\/twilio/, ''), wanted, query.Page, query.PageSize);
  });
  scope.get<InAccount>('/Accounts/:sid/Messages/:message.json', (request, reply) => {
    const message = store.find(request.params.message);
    if (message) return resource(message);
    return reply.code(404).send(refusalBody(20404, 'The requested resource was not found', 404));
  });
}

function handset(app: FastifyInstance, store: TwilioStore): void {
  app.post('/_sandbox/twilio/inbound', (request) => {
    const input = z.strictObject({ from: phone, to: phone, body: z.string() }).parse(request.body);
    return resource(store.receive(input));
  });
  app.post('/_sandbox/twilio/opt-outs', (request) => {
    const input = z.strictObject({ phone, optedOut: z.boolean().default(true) }).parse(request.body);
    store.setOptOut(input.phone, input.optedOut);
    return input;
  });
  app.post('/_sandbox/twilio/undeliverable', (request) => {
    const input = z.strictObject({ phone, errorCode: z.int().default(30003) }).parse(request.body);
    store.setUndeliverable(input.phone, input.errorCode);
    return input;
  });
  app.get<{ Querystring: { to?: string } }>('/_sandbox/twilio/messages', (request) =>
    store
      .list()
      .filter((message) => request.query.to === undefined || message.to === request.query.to)
      .map(resource),
  );
  app.get('/sms', (_request, reply) => {
    const cards = store.list().map(
      (
        message,
      ) => `<article class="card"><p class="soft">${escape(message.from)} → ${escape(message.to)} · ${message.status} ·
<time>${message.createdAt.toISOString()}</time></p><pre>${linkify(message.body)}</pre></article>`,
    );
    return reply.type('text/html; charset=utf-8').send(page('Text messages', cards.join('') || '<p>None yet.</p>'));
  });
}

function resource(message: Message): object {
  const uri = `/2010-04-01/Accounts/${message.accountSid}/Messages/${message.sid}`;
  return {
    account_sid: message.accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: message.createdAt.toUTCString(),
    date_sent: message.sentAt?.toUTCString() ?? null,
    date_updated: message.updatedAt.toUTCString(),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: null,
    from: message.from,
    messaging_service_sid: message.from.startsWith('MG') ? message.from : null,
    num_media: '0',
    num_segments: String(Math.max(1, Math.ceil(message.body.length / 153))),
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  };
}

function matches(message: Message, query: z.infer<typeof listQuery>): boolean {
  const { To: to, From: from } = query;
  return (
    (to === undefined || message.to === to) && (from === undefined || message.from === from) && isOf(message, query)
  );
}

/** What is still queued has no date it was sent at, and no filter by it finds it. */
function isOf({ sentAt }: Message, query: z.infer<typeof listQuery>): boolean {
  const day = query.DateSent;
  const before = query['DateSent<'];
  const after = query['DateSent>'];
  if (sentAt === null) return day === undefined && before === undefined && after === undefined;
  return (
    (day === undefined || sentAt.toISOString().slice(0, 10) === day.slice(0, 10)) &&
    (before === undefined || sentAt <= endOf(before)) &&
    (after === undefined || sentAt >= new Date(after))
  );
}

/** A bare date means the whole day. */
function endOf(date: string): Date {
  return new Date(date.length === 10 ? `${date}T23:59:59.999Z` : date);
}

function listPage(url: string, messages: Message[], number: number, size: number): object {
  const start = number * size;
  const rows = messages.slice(start, start + size);
  const at = (pageNumber: number): string => {
    const [path, query] = url.split('?');
    const search = new URLSearchParams(query);
    search.set('Page', String(pageNumber));
    search.set('PageSize', String(size));
    return `${path ?? ''}?${search.toString()}`;
  };
  return {
    messages: rows.map(resource),
    page: number,
    page_size: size,
    start,
    end: Math.max(start, start + rows.length - 1),
    uri: url,
    first_page_uri: at(0),
    previous_page_uri: number > 0 ? at(number - 1) : null,
    next_page_uri: messages.length > start + size ? at(number + 1) : null,
  };
}

function refusalBody(code: number, message: string, status: number): object {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}
