import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { World } from '../core/world.js';

interface Remembered {
  paramsHash: string;
  /** Absent while the first request is still being worked on. */
  answer?: { status: number; body: string };
}

const kindOfPath: [RegExp, string][] = [
  [/\/checkout\/sessions$/, 'checkout_session'],
  [/\/payment_intents/, 'payment_intent'],
  [/\/refunds$/, 'refund'],
];

/**
 * Stripe's rule: the first answer to a key is the answer to that key, a 500 too; other parameters are refused; a refusal
 * for wrong parameters is not kept, so that the caller may correct them.
 */
export class Idempotency {
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly world: World) {}

  reset(): void {
    this.remembered.clear();
  }

  install(scope: FastifyInstance): void {
    const owners = new WeakSet<FastifyRequest>();

    scope.addHook('preHandler', async (request, reply) => {
      const key = idempotencyKey(request);
      if (key === null || request.method !== 'POST') return;
      const paramsHash = hashOf(request);
      const known = this.remembered.get(key);
      if (!known) {
        this.remembered.set(key, { paramsHash });
        owners.add(request);
        return;
      }
      if (known.paramsHash !== paramsHash) return reply.code(400).send(otherParameters(key));
      if (!known.answer) return reply.code(409).send(inProgress(key));
      this.note(request, key, known.answer.body);
      reply.header('idempotent-replayed', 'true').header('content-type', 'application/json');
      return reply.code(known.answer.status).send(known.answer.body);
    });

    scope.addHook('onSend', async (request, reply, payload) => {
      const key = idempotencyKey(request);
      if (key === null || !owners.has(request)) return payload;
      const known = this.remembered.get(key);
      const status = reply.statusCode;
      const keep = status < 400 || status === 402 || status >= 500;
      if (known && keep) known.answer = { status, body: String(payload) };
      else this.remembered.delete(key);
      return payload;
    });
  }

  private note(request: FastifyRequest, key: string, body: string): void {
    const kind = kindOfPath.find(([path]) => path.test(request.url))?.[1] ?? 'request';
    const id = /"id":"([^"]+)"/.exec(body)?.[1] ?? 'error';
    this.world.ledger.record({ vendor: 'stripe', kind, key, id, replayed: true });
  }
}

export function idempotencyKey(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key'];
  return typeof header === 'string' && header !== '' ? header : null;
}

function hashOf(request: FastifyRequest): string {
  return createHash('sha256')
    .update(`${request.url}\n${JSON.stringify(request.body ?? {})}`)
    .digest('hex');
}

function otherParameters(key: string): object {
  return {
    error: {
      type: 'idempotency_error',
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    },
  };
}

function inProgress(key: string): object {
  return {
    error: {
      type: 'idempotency_error',
      code: 'idempotency_key_in_use',
      message: `There is currently another in-progress request using this Idempotent Key '${key}'.`,
    },
  };
}
