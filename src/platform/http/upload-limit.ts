import type { FastifyInstance } from 'fastify';
import { fail } from '../errors/index.js';
import { limits } from './limits.js';

/**
 * Bounds an upload whose length nobody announced: the framework limits what it reads into memory, and of a stream only the
 * parts that are kept. Each piece over the limit fails the request anew, so that neither parsing nor draining goes on for ever.
 */
export function limitUploads(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    const { raw } = request;
    if (raw.headers['content-length'] === undefined && /^multipart\//i.test(raw.headers['content-type'] ?? '')) {
      let bytes = 0;
      // Paused: it is counted when the parser asks for it, and nothing is lost before.
      raw.pause().on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes <= limits.uploadRequestBytes) return;
        reply.header('connection', 'close');
        if (raw.listenerCount('error') > 0) raw.emit('error', fail('request.too-large'));
      });
    }
    done(null, payload);
  });
}
