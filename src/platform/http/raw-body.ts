import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { fail } from '../errors/index.js';
import { limits } from './limits.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, for signatures and for keeping the original. Not for multipart. */
    rawBody?: Buffer;
  }
}

/** Read line by line by the route, which limits what it takes. */
const streamedTypes = ['application/x-ndjson'];

type Done = (error: Error | null, body?: unknown) => void;
type Parse = (request: FastifyRequest, body: Buffer, done: Done) => void;

const jsonTypes = ['application/json', 'application/fhir+json'];
const bufferTypes = ['application/xml', 'text/xml', 'text/plain'];
const formType = 'application/x-www-form-urlencoded';

/** The only content types any route can read; which ones a route does read is said by `@Accepts`. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  // Fastify's own two; that of multipart, which may be there already, stays.
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  add(fastify, jsonTypes, (request, body, done) => {
    // Clients that always say application/json also say it for an empty body.
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    if (isDeeperThan(limits.jsonDepth, body)) {
      done(fail('request.malformed', { detail: `The body is nested deeper than ${limits.jsonDepth} levels.` }));
      return;
    }
    if (isBroken(request, body)) {
      done(fail('request.malformed', { detail: 'The body is not in UTF-8.' }));
      return;
    }
    void parseJson(request, body.toString('utf8'), (error, parsed: unknown) => {
      if (error !== null || holdsNul(parsed, body)) done(fail('request.malformed'));
      else done(null, parsed);
    });
  });
  fastify.addContentTypeParser(streamedTypes, (_: FastifyRequest, payload: IncomingMessage, done: Done) =>
    done(null, payload),
  );
  add(fastify, bufferTypes, (_, body, done) => done(null, body));
  add(fastify, [formType], (request, body, done) => {
    const parsed = isBroken(request, percentDecoded(body)) ? undefined : parseForm(body.toString('utf8'));
    if (parsed === undefined) done(fail('request.malformed'));
    else done(null, parsed);
  });
}

function add(fastify: FastifyInstance, types: string[], parse: Parse): void {
  fastify.addContentTypeParser(
    types,
    { parseAs: 'buffer', bodyLimit: limits.bodyBytes },
    (request: FastifyRequest, body: Buffer, done: Done) => {
      request.rawBody = body;
      parse(request, body, done);
    },
  );
}

/** RFC 8259 section 8.1. Read nevertheless, "½ tablet" in Latin-1 would be stored and printed as "\u{FFFD} tablet". */
function isBroken({ routeOptions }: FastifyRequest, body: Buffer): boolean {
  return routeOptions.config.takesBrokenText !== true && !isUtf8(body);
}

/** What a form says is in the bytes its percent signs stand for; as it is sent it is all ASCII, whatever the encoding. */
function percentDecoded(form: Buffer): Buffer {
  const toByte = (_: string, hex: string) => String.fromCharCode(parseInt(hex, 16));
  return Buffer.from(form.toString('latin1').replaceAll(/%([0-9a-f]{2})/gi, toByte), 'latin1');
}

/** Repeated names become lists. Undefined when a name could reach a prototype or a value PostgreSQL cannot hold. */
export function parseForm(text: string): Record<string, string | string[]> | undefined {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (name === '__proto__' || name === 'constructor' || `${name}${value}`.includes('\0')) return undefined;
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined;
    fields[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return fields;
}

const [quote, backslash, openList, closeList, openObject, closeObject] = Buffer.from('"\\[]{}');

/** Counted on the bytes, before anything recursive sees the value. */
export function isDeeperThan(most: number, json: Buffer): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) inText = !inText;
    else if (inText && byte === backslash) at += 1;
    else if (!inText && (byte === openList || byte === openObject)) depth += 1;
    else if (!inText && (byte === closeList || byte === closeObject)) depth -= 1;
    if (depth > most) return true;
  }
  return false;
}

/** PostgreSQL stores every character but U+0000; JSON can only spell it as an escape. */
function holdsNul(parsed: unknown, body: Buffer): boolean {
  return body.includes('\\u0000') && anyText(parsed, (text) => text.includes('\0'));
}

function anyText(value: unknown, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => test(name) || anyText(member, test));
}
