import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { dollars, escape, page } from '../core/html.js';
import { StripeRefusal } from './stripe.errors.js';
import { testCards, type CheckoutSession } from './stripe.objects.js';
import { createSession } from './stripe.params.js';
import type { StripeStore } from './stripe.store.js';

interface WithId {
  Params: { id: string };
}

const payment = z.object({ card: z.string().default(testCards[0].number), email: z.string().optional() });

/** The page a patient pays on: a plain form, so it works in a text browser and in a test. */
export function checkoutPages(app: FastifyInstance, store: StripeStore): void {
  app.get<WithId>('/checkout/:id', (request, reply) =>
    answer(reply, () => html(reply, 200, show(store, store.session(request.params.id)))),
  );

  app.post<WithId>('/checkout/:id', (request, reply) =>
    answer(reply, () => {
      const session = store.session(request.params.id);
      if (session.status !== 'open') return html(reply, 409, show(store, session));
      const { card, email } = payment.parse(request.body ?? {});
      const error = store.pay(session.id, card, email === '' ? undefined : email);
      if (error) return html(reply, 402, show(store, session, error.message));
      const back = session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
      return back ? reply.redirect(back, 303) : html(reply, 200, show(store, session));
    }),
  );

  app.get<WithId>('/pay/:id', (request, reply) =>
    answer(reply, () => {
      const { link, items } = store.prices.link(request.params.id);
      const input = createSession.parse({ mode: 'payment', line_items: items, metadata: link.metadata });
      const session = store.createSession(input, { requestId: null, idempotencyKey: null }, link.id);
      return reply.redirect(`/checkout/${session.id}`, 303);
    }),
  );
}

function answer(reply: FastifyReply, run: () => FastifyReply): FastifyReply {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    return html(reply, error.statusCode, page('Checkout', `<p class="card">${escape(error.message)}</p>`));
  }
}

function html(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(body);
}

function show(store: StripeStore, session: CheckoutSession, error?: string): string {
  const lines = (store.lineItems.get(session.id) ?? [])
    .map(
      (item) =>
        `<li>${escape(item.description)}${item.quantity > 1 ? ` × ${item.quantity}` : ''}: ${dollars(item.amount_total)}</li>`,
    )
    .join('');
  const summary = `<p class="amount">${dollars(session.amount_total)} <small class="soft">${escape(session.currency.toUpperCase())}</small></p><ul>${lines}</ul>`;
  const states: Record<CheckoutSession['status'], () => string> = {
    open: () => form(session, error),
    complete: () => '<p>Paid. Thank you.</p>',
    expired: () => '<p>This payment link has expired. Ask for a new one.</p>',
  };
  return page('Checkout', `<section class="card">${summary}${states[session.status]()}</section>`);
}

function form(session: CheckoutSession, error?: string): string {
  const options = testCards
    .map((card) => `<option value="${card.number}">${escape(card.label)} (•••• ${card.number.slice(-4)})</option>`)
    .join('');
  const back = session.cancel_url ? `<p><a href="${escape(session.cancel_url)}">Cancel and go back</a></p>` : '';
  return `${error ? `<p class="card error" role="alert">${escape(error)}</p>` : ''}
<form method="post" action="/checkout/${session.id}">
<label for="email">Email for the receipt</label><input id="email" name="email" type="email" autocomplete="email" value="${escape(session.customer_email ?? '')}">
<label for="card">Test card</label><select id="card" name="card">${options}</select>
<button type="submit">Pay ${dollars(session.amount_total)}</button></form>${back}`;
}
