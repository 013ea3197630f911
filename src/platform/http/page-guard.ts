import type { FastifyReply, FastifyRequest } from 'fastify';

/** Protects pages that are not Nest routes (Swagger UI in production, Bull Board). Provided by modules/auth. */
export abstract class PageGuard {
  /** Answers true to go on; otherwise it has answered the request itself. Without `permission` any signed-in person may. */
  abstract admit(request: FastifyRequest, reply: FastifyReply, permission?: string): Promise<boolean>;
}
