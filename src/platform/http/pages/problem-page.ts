import type { ErrorRenderer } from '../route-config.js';
import { renderPage, template } from './layout.js';

const content = template<{ heading: string; sentence: string }>(`<h1><%= it.heading %></h1>
<p role="status"><%= it.sentence %></p>`);

const heading = 'That did not work';

/** A page for what no form can say: an unknown link, too many requests, a database that is away. No brand is known here. */
export const problemPage: ErrorRenderer = ({ title, status }) => ({
  status,
  contentType: 'text/html; charset=utf-8',
  body: renderPage({
    title: heading,
    brand: 'Your order',
    supportPhone: 'the number in our message',
    content: content({ heading, sentence: title }),
  }),
});
