import type { Config } from '../../../config/index.js';

const replacements: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A page of one sentence, for a phone, without scripts. */
export function paymentPage(
  config: Pick<Config, 'BRAND_NAME' | 'SUPPORT_PHONE'>,
  title: string,
  sentence: string,
): string {
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
