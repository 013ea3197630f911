const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** Escapes the text and makes its http links clickable. */
export function linkify(text: string): string {
  return escape(text).replace(
    /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)]/g,
    (url) => `<a href="${url}" target="_blank" rel="noreferrer">${url}</a>`,
  );
}

export function dollars(cents: number): string {
  return `$${(cents / 100).toFixed(2)}`;
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6776;--line:#d9dfe6;--page:#f5f7f9;--card:#fff;--accent:#0b6b57}
@media(prefers-color-scheme:dark){:root{--ink:#e7ecf1;--soft:#9aa7b5;--line:#2d3947;--page:#121820;--card:#1a222c;--accent:#4fc3a5}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header{padding:.75rem 1rem;border-bottom:1px solid var(--line);background:var(--card)}header a{color:inherit;text-decoration:none;font-weight:600}
header small{color:var(--soft);margin-left:.5rem}main{max-width:44rem;margin:0 auto;padding:1rem}h1{font-size:1.35rem;margin:.5rem 0 1rem}
a{color:var(--accent)}.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem;margin:0 0 .75rem;overflow-wrap:anywhere}
.soft{color:var(--soft);font-size:.875rem}.amount{font-size:2rem;font-weight:600}.error{border-color:#c0392b;color:#c0392b}
label{display:block;margin:.75rem 0 .25rem}input,select,button{font:inherit;width:100%;padding:.65rem;border:1px solid var(--line);border-radius:.4rem;background:var(--page);color:inherit}
button{margin-top:1rem;background:var(--accent);color:var(--card);border:0;font-weight:600;cursor:pointer}
iframe{width:100%;height:60vh;border:1px solid var(--line);border-radius:.4rem;background:#fff}pre{white-space:pre-wrap;margin:0}ul{padding-left:1.2rem}ul.card{padding-left:2.2rem}`;

/** The frame of every sandbox page; `body` is HTML that the caller has escaped. */
export function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,">
<title>${escape(title)}</title><style>${STYLE}</style></head><body><header><a href="/">Sandbox</a><small>no real money, mail or parcel</small></header>
<main><h1>${escape(title)}</h1>${body}</main></body></html>`;
}
