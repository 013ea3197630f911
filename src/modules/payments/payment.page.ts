import type { Config } from '../../../config/index.js';

const replacements: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

type Named = Pick<Config, 'BRAND_NAME' | 'SUPPORT_PHONE'>;

export function paidPage(config: Named): string {
  return paymentPage(
    config,
    'Thank you',
    'Your payment is on its way to us. We will write to you as soon as your order moves on.',
  );
}

export function brokenOffPage(config: Named): string {
  return paymentPage(
    config,
    'Nothing was paid',
    'Your order is kept. The link in our message still works until it runs out.',
  );
}

/** A page of one sentence, for a phone, without scripts. */
function paymentPage(config: Named, title: string, sentence: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<meta name="robots" content="noindex"><title>${escape(title)} · ${escape(config.BRAND_NAME)}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1.25rem;color:#1a1a1a}h1{font-size:1.5rem}</style></head>
<body><main><p>${escape(config.BRAND_NAME)}</p><h1>${escape(title)}</h1><p>${escape(sentence)}</p>
<p>Questions? Call ${escape(config.SUPPORT_PHONE)}.</p></main></body></html>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => replacements[character] ?? character);
}
