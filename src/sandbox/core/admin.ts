import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { faultInput, faultKinds } from './faults.js';
import { page } from './html.js';
import { vendors } from './vendor.js';
import type { World } from './world.js';

const ledgerQuery = z.object({ vendor: z.string(), kind: z.string(), key: z.string() }).partial();
const settingsInput = z
  .strictObject({ appUrl: z.union([z.url(), z.literal('')]), speed: z.number().min(0), lifefileLookup: z.boolean() })
  .partial();

/** What drives the sandbox from outside: ledger, faults, webhooks, settings, reset; and the index page. */
export function adminRoutes(app: FastifyInstance, world: World, reset: () => void): void {
  const { ledger, faults, webhooks, settings } = world;
  app.get('/_sandbox/ledger', (request) => ledger.list(ledgerQuery.parse(request.query)));
  app.get('/_sandbox/ledger/summary', () => ledger.summary());

  app.get('/_sandbox/faults', () => faults.list());
  app.post('/_sandbox/faults', (request, reply) => reply.code(201).send(faults.add(faultInput.parse(request.body))));
  app.delete('/_sandbox/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });

  app.get('/_sandbox/webhooks', () => webhooks.list());
  app.post<{ Params: { id: string } }>('/_sandbox/webhooks/:id/resend', (request, reply) => {
    const delivery = webhooks.resend(Number(request.params.id));
    return delivery ?? reply.code(404).send({ error: 'No such webhook.' });
  });

  app.get('/_sandbox/settings', () => shown(world));
  app.put('/_sandbox/settings', (request) => {
    const change = settingsInput.parse(request.body);
    if (change.appUrl !== undefined) settings.appUrl = change.appUrl.replace(/\/+$/, '');
    if (change.speed !== undefined) settings.speed = change.speed;
    if (change.lifefileLookup !== undefined) settings.lifefileLookup = change.lifefileLookup;
    return shown(world);
  });

  app.post('/_sandbox/reset', (_request, reply) => {
    reset();
    return reply.code(204).send();
  });

  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(index(world)));
}

function shown({ settings: { url, appUrl, speed, lifefileLookup } }: World): object {
  return { url, appUrl, speed, lifefileLookup };
}

const links: readonly [path: string, text: string][] = [
  ['/mailbox', 'Mailbox: every email the application sent'],
  ['/sms', 'Text messages, both ways'],
  ['/_sandbox/stripe/sessions', 'Checkout sessions (their url is the page to pay on)'],
  ['/_sandbox/stripe/disputes', 'Disputed payments'],
  ['/_sandbox/shippo/tracks', 'Parcels under way'],
  ['/_sandbox/lifefile/orders', 'Orders at the partner pharmacy'],
  ['/_sandbox/webhooks', 'Webhooks sent, with the answers'],
  ['/_sandbox/ledger/summary', 'Ledger, counted'],
  ['/_sandbox/ledger', 'Ledger, line by line'],
  ['/_sandbox/faults', 'Faults waiting to happen'],
];

function index({ settings }: World): string {
  const items = links.map(([path, text]) => `<li><a href="${path}">${text}</a></li>`).join('');
  const speed =
    settings.speed === 0 ? 'parcels and orders wait for a push' : `${settings.speed} simulated seconds in a second`;
  const listed = (words: readonly string[]) => words.map((word) => `<code>${word}</code>`).join(' ');
  return page(
    'Vendor sandbox',
    `<p>Stripe, Twilio, Shippo, Lifefile, a claim switch and a mailbox, all of them pretended.</p><ul class="card">${items}</ul>
<p class="soft">Time: ${speed}. Vendor doors: <code>/v1</code> <code>/twilio</code> <code>/shippo</code> <code>/lifefile/lfapi/v1/order</code> <code>/switch/v1</code>.</p>
<p class="soft">A fault to come: <code>POST /_sandbox/faults</code> with <code>{"vendor": "stripe", "kind": "500_after", "times": 2}</code>; vendors ${listed(vendors)}, kinds ${listed(faultKinds)}; <code>DELETE</code> forgets them all.</p>`,
  );
}
