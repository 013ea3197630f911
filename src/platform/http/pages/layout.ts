import { Eta } from 'eta';

/** Every value is escaped unless a template says `<%~`; names are read from `it`, so a typo fails instead of printing nothing. */
const eta = new Eta({ autoEscape: true, useWith: false });

/** Compiles a template once. Templates are text in code: pages are few, and a build then has no files to forget. */
export function template<T extends object>(text: string): Template<T> {
  const compiled = eta.compile(text);
  return (data) => eta.render(compiled, data);
}

export type Template<T extends object> = (data: T) => string;

export interface PageLayout {
  /** Shown in the tab; never holds anything personal. */
  title: string;
  /** The name people know us by. */
  brand: string;
  supportPhone: string;
  /** HTML that is safe already: the output of a `template`. */
  content: string;
}

/** A page for a phone: one column, readable without scripts, in light and dark, by keyboard and by screen reader. */
export const renderPage: (layout: PageLayout) => string = template<PageLayout>(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title><%= it.title %> · <%= it.brand %></title>
<style>
:root { color-scheme: light dark; --ink: #1c2330; --soft: #55607a; --paper: #f6f7fa; --card: #fff; --line: #d8dde8; --accent: #0b5cad; --done: #17733f; --alert: #a3261b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9edf5; --soft: #aab4c8; --paper: #11151d; --card: #1a202b; --line: #333d4f; --accent: #8cc2ff; --done: #6fd59b; --alert: #ff9d92; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.wrap { max-width: 34rem; margin: 0 auto; padding: 1rem 1.125rem 2.5rem; }
header { font-weight: 700; letter-spacing: .01em; padding: .5rem 0; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .75rem 0; }
h2 { font-size: 1.125rem; margin: 1.5rem 0 .5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin: 0 0 1rem; }
.soft { color: var(--soft); }
.alert { border-left: .25rem solid var(--alert); }
a { color: var(--accent); }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible { outline: .1875rem solid var(--accent); outline-offset: .125rem; }
.button, button { display: block; width: 100%; min-height: 3rem; padding: .75rem 1rem; border: 0; border-radius: .625rem; background: var(--accent); color: var(--card); font: inherit; font-weight: 600; text-align: center; text-decoration: none; }
label { display: block; font-weight: 600; margin: .75rem 0 .25rem; }
input, select { width: 100%; min-height: 3rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); color: inherit; font: inherit; }
.steps { list-style: none; display: flex; gap: .5rem; margin: 0 0 1rem; padding: 0; font-size: .9375rem; }
.steps li { flex: 1; padding-top: .375rem; border-top: .25rem solid var(--line); color: var(--soft); }
.steps li.done { border-color: var(--done); color: var(--ink); }
.steps li[aria-current] { border-color: var(--accent); color: var(--ink); font-weight: 700; }
.field { margin: 0 0 1rem; padding: 0; border: 0; }
.field legend { font-weight: 600; padding: 0; }
.hint { margin: 0 0 .25rem; color: var(--soft); font-size: .9375rem; }
.error { margin: 0 0 .25rem; color: var(--alert); }
input[type=radio], input[type=checkbox] { width: 1.5rem; min-height: 1.5rem; height: 1.5rem; flex: none; margin: 0; }
.choice { display: flex; gap: .625rem; align-items: flex-start; padding: .375rem 0; }
.choice label { font-weight: 400; margin: 0; }
button { margin: .5rem 0; cursor: pointer; }
button.quiet { color: var(--accent); background: transparent; border: .125rem solid var(--accent); }
footer { color: var(--soft); margin-top: 1.5rem; font-size: .9375rem; }
</style>
</head>
<body>
<div class="wrap">
<header><%= it.brand %></header>
<main>
<%~ it.content %>
</main>
<footer><p>Questions? Call <%= it.supportPhone %>.</p></footer>
</div>
</body>
</html>
`);
