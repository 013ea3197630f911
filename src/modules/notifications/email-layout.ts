import { Eta } from 'eta';

export interface Email {
  subject: string;
  greeting: string;
  paragraphs: readonly string[];
  /** The words on the button and where it leads; the one without the other is neither. */
  button: string | undefined;
  link: string | undefined;
  brand: string;
  /** Left out for who is not to call it. */
  supportPhone?: string;
}

const eta = new Eta({ autoEscape: true, useWith: false });
const page = eta.compile(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title><%= it.subject %></title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;font:16px/1.5 system-ui,sans-serif;color:#1f2933">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#fff;border-radius:8px">
<p style="font-weight:600"><%= it.brand %></p>
<p><%= it.greeting %></p>
<% it.paragraphs.forEach(function (paragraph) { %><p><%= paragraph %></p>
<% }) %><% if (it.link && it.button) { %><p><a href="<%= it.link %>" style="display:inline-block;padding:12px 20px;background:#14532d;color:#fff;border-radius:6px;text-decoration:none"><%= it.button %></a></p>
<p style="font-size:13px;color:#52606d">If the button does not work, copy this address: <%= it.link %></p>
<% } %><p style="font-size:13px;color:#52606d"><%= it.closing %></p>
</div></body></html>`);

const noReply = 'Please do not reply to this email.';

/** The same in text and in HTML. */
export function emailOf(email: Email): { subject: string; text: string; html: string } {
  const { subject, greeting, paragraphs, button, link, brand, supportPhone } = email;
  const help = supportPhone === undefined ? [] : [`Questions? Call ${supportPhone}.`];
  const address = link === undefined || button === undefined ? [] : [`${button}: ${link}`];
  const text = [greeting, ...paragraphs, ...address, ...help, brand].join('\n\n');
  return { subject, text, html: page.call(eta, { ...email, closing: [...help, noReply].join(' ') }) };
}

/** Names come from outside; a line break in one must not start a header or another sentence. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
