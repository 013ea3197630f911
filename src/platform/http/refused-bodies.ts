import type { FastifyInstance } from 'fastify';

/** So long a client may go on sending what was refused; it is read and forgotten. */
const patienceMs = 10_000;

/**
 * RFC 9112 9.6: closing a connection on which the client still sends resets it, and most clients then report a broken pipe
 * instead of the answer that is there. So who sends too much is answered when it is through.
 */
export function letRefusedBodiesEnd(fastify: FastifyInstance): void {
  fastify.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (reply.statusCode !== 413 || raw.complete || raw.destroyed) {
      done(null, payload);
      return;
    }
    const answer = () => {
      clearTimeout(patience);
      raw.off('end', answer).off('close', answer);
      done(null, payload);
    };
    const patience = setTimeout(answer, patienceMs);
    raw.once('end', answer).once('close', answer).resume();
  });
}
