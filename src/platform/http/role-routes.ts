import type { FastifyInstance } from 'fastify';
import type { Config } from '../../../config/index.js';
import { fail } from '../errors/index.js';
import { sendProblem } from './problem.filter.js';

/** What every process answers, by the pattern of the route: whether it lives, works, and how. */
const everywhere: ReadonlySet<string> = new Set(['/api/health/live', '/api/health/ready', '/metrics']);

/** A process without the role `api` has the routes, as the modules come as a whole, but serves none of them. */
export function serveByRole(fastify: FastifyInstance, { ROLES }: Config): void {
  if (ROLES.includes('api')) return;
  fastify.addHook('onRequest', (request, reply, done) => {
    if (everywhere.has(request.routeOptions.url ?? '')) done();
    // Sent from here: not every route has the filter that makes problems of errors.
    else sendProblem(request, reply, fail('request.not-found'));
  });
}
