import { renderPage, template } from '../../../platform/http/pages/index.js';
import { trackingView, type TrackedOrder, type TrackingView } from './tracking.view.js';

const content = template<TrackingView>(`<style>
ol.way{list-style:none;margin:1rem 0;padding:0}
ol.way li{position:relative;padding:0 0 1rem 2rem;color:var(--soft)}
ol.way li::before{content:"";position:absolute;left:.25rem;top:.375rem;width:.75rem;height:.75rem;border-radius:50%;border:2px solid var(--line);background:var(--card)}
ol.way li:not(:last-child)::after{content:"";position:absolute;left:.6875rem;top:1.25rem;bottom:-.25rem;width:2px;background:var(--line)}
ol.way li.done{color:var(--ink)}
ol.way li.done::before{background:var(--done);border-color:var(--done)}
ol.way li[aria-current]{font-weight:700}
ol.way span{display:block;font-weight:400;font-size:.95rem;color:var(--soft)}
</style>
<h1><%= it.headline %></h1>
<% if (it.notice) { %><p class="card alert" role="status"><%= it.notice %></p><% } %>
<% if (it.waiting) { %><p><%= it.waiting %></p><% } %>
<section class="card" aria-label="Steps of your order">
<ol class="way">
<% it.steps.forEach(function (step) { %><li<% if (step.done) { %> class="done"<% } %><% if (step.current) { %> aria-current="step"<% } %>><%= step.label %><% if (step.time) { %><span><%= step.time %></span><% } else { %><span><%= step.done ? 'Done' : 'Not yet' %></span><% } %></li>
<% }) %></ol>
</section>
<% it.parcels.forEach(function (parcel) { %><section class="card">
<h2><%= parcel.heading %></h2>
<% if (parcel.estimate) { %><p>Expected on <strong><%= parcel.estimate %></strong></p><% } %>
<% if (parcel.page) { %><p><a class="button" href="<%= parcel.page %>" rel="noreferrer noopener">See details at <%= parcel.carrier %></a></p><% } else { %><p class="hint">We have no link to this carrier’s page. Parcel number: <%= parcel.number %></p><% } %>
</section>
<% }) %><p class="hint">This page shows where things stand now. Load it again for news.</p>
`);

export function trackingPage(order: TrackedOrder): string {
  return renderPage({
    title: 'Your order',
    brand: order.brand,
    supportPhone: order.supportPhone,
    content: content(trackingView(order)),
  });
}

const missing = template(`<h1>This link does not work any more</h1>
<p>It may have run out, or a part of it may be missing. Open the link from our latest message, or call us: we gladly tell you where your order is.</p>
`);

/** The same for unknown, mistyped and expired links: nothing is told about which ones exist. */
export function missingPage(brand: string, supportPhone: string): string {
  return renderPage({ title: 'Link not found', brand, supportPhone, content: missing({}) });
}
