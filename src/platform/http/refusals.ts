import type { FastifyRequest } from 'fastify';
import type { DomainError } from '../errors/index.js';

/** Keeps what was refused to who had come in, before it is answered. Provided by modules/auth. */
export abstract class Refusals {
  abstract keep(request: FastifyRequest, error: DomainError): Promise<void>;
}
