import { webhookEvents } from '../modules/webhook-endpoints/index.js';

/** What integrators may hear, from the list the product sends by. */
export function eventsTable(): string {
  const rows = Object.entries(webhookEvents).map(([name, when]) => `| \`${name}\` | ${when} |`);
  return ['| event | when |', '| --- | --- |', ...rows].join('\n');
}
