import type { FastifyInstance } from 'fastify';
import { escape, linkify, page } from '../core/html.js';
import type { Mail, MailServer } from './mail.server.js';

/** The mailbox a person reads: list, one mail, and the same as JSON. */
export function mailPages(app: FastifyInstance, server: MailServer): void {
  app.get<{ Querystring: { to?: string } }>('/_sandbox/mailbox', (request) => server.list(request.query.to));
  app.get<{ Querystring: { to?: string } }>('/mailbox', (request, reply) => {
    const rows = server.list(request.query.to).map(
      (
        mail,
      ) => `<article class="card"><a href="/mailbox/${mail.id}"><strong>${escape(mail.subject || '(no subject)')}</strong></a>
<p class="soft">to ${escape(mail.to.join(', '))} · <time>${mail.receivedAt}</time></p></article>`,
    );
    return reply.type('text/html; charset=utf-8').send(page('Mailbox', rows.join('') || '<p>Empty.</p>'));
  });
  app.get<{ Params: { id: string } }>('/mailbox/:id', (request, reply) => {
    const mail = server.find(Number(request.params.id));
    reply.type('text/html; charset=utf-8');
    return mail ? reply.send(show(mail)) : reply.code(404).send(page('Mailbox', '<p>No such mail.</p>'));
  });
}

/** The HTML part lives in a frame without scripts and without our origin; its links open in a new tab. */
function show(mail: Mail): string {
  const frame = `<iframe title="HTML part" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escape(
    `<base target="_blank">${mail.html}`,
  )}"></iframe>`;
  return page(
    mail.subject || '(no subject)',
    `<p class="soft">from ${escape(mail.from)} to ${escape(mail.to.join(', '))}<br><time>${mail.receivedAt}</time> · received ${mail.receipts}×</p>
<section class="card"><pre>${linkify(mail.text)}</pre></section>${mail.html === '' ? '' : frame}<p><a href="/mailbox">All mail</a></p>`,
  );
}
