import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fail, type DomainError } from '../errors/index.js';
import { newId } from '../ids/index.js';
import { problemOf } from './problem.js';
import { securityHeaders } from './security-headers.js';

/** A client that does not hang up by itself is cut off. */
const patienceMs = 10_000;

/** By what Node says of it. Everything else is not HTTP. */
const problems: Readonly<Record<string, () => DomainError>> = {
  HPE_HEADER_OVERFLOW: () => fail('request.headers-too-large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () => fail('request.too-large'),
  ERR_HTTP_REQUEST_TIMEOUT: () => fail('request.timeout'),
};

/** What Node knows and does not say: the answer that is under way on a connection. */
type Connection = Socket & { _httpMessage?: ServerResponse | null };

/** Answers what Node's parser refuses: there is no request then, and no route, hook or filter sees it. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Connection): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // Said already: each piece that still comes in is refused anew.
  if (!socket.writable) return;
  // As Node itself: into an answer that has begun nothing else is written.
  if (socket._httpMessage?.headersSent === true) {
    socket.destroy(error);
    return;
  }
  const problem = problems[error.code ?? '']?.() ?? fail('request.malformed', { detail: 'This is not HTTP.' });
  // Ended, not destroyed: a connection closed on what it still sends is reset, and the answer is lost with it.
  socket.setTimeout(patienceMs, () => socket.destroy());
  socket.end(answerOf(problem));
}

function answerOf(error: DomainError): string {
  const requestId = newId();
  const body = JSON.stringify(problemOf(error, requestId));
  const headers = {
    ...securityHeaders(),
    'cache-control': 'no-store',
    connection: 'close',
    'content-length': Buffer.byteLength(body),
    'content-type': 'application/problem+json; charset=utf-8',
    date: new Date().toUTCString(),
    'x-request-id': requestId,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  const { status } = error.spec;
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}
