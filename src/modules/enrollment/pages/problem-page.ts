import { renderPage } from '../../../platform/http/pages/index.js';
import type { ErrorRenderer } from '../../../platform/http/index.js';
import { notePage } from './enrollment.templates.js';

/** A page for what no form can say: an unknown link, too many requests, a database that is away. No brand is known here. */
export const problemPage: ErrorRenderer = ({ title, status }) => ({
  status,
  contentType: 'text/html; charset=utf-8',
  body: renderPage({
    title: 'That did not work',
    brand: 'Your order',
    supportPhone: 'the number in our message',
    content: notePage({ heading: 'That did not work', sentence: title }),
  }),
});
