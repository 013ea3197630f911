import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { multipart, type DocumentedOperation } from '../operations.js';
import type { Expected, Row } from './table.js';
import type { CallerName, OwnerName } from './reach.js';
import type { World } from './world.js';

export interface Answer {
  status: number;
  type: string;
  /** Empty for a stream that has begun. */
  text: string;
}

export interface Target {
  app: NestFastifyApplication;
  /** Where the application listens. */
  url: string;
  world: World;
}

const json = 'application/json';
const boundary = 'b';

/** Sends the request of a row as one caller, about the thing of one owner. */
export async function ask(
  { app, url, world }: Target,
  row: Row,
  operation: DocumentedOperation,
  caller: CallerName,
  owner: OwnerName,
): Promise<Answer> {
  const path = addressOf(world, row, operation, owner);
  const headers = { ...(await identityOf(world, row, caller, owner)) };
  if (row.streams === true) return beginningOf(`${url}${path}`, headers);
  const body = bodyOf(row, operation);
  const answer = await app.inject({
    method: operation.method,
    url: path,
    headers: { ...headers, ...(body !== undefined && { 'content-type': body.type }) },
    ...(body !== undefined && { payload: body.payload }),
  });
  return { status: answer.statusCode, type: String(answer.headers['content-type'] ?? ''), text: answer.body };
}

function addressOf(world: World, { thing }: Row, { path, neededQuery }: DocumentedOperation, owner: OwnerName): string {
  const named = thing === undefined ? '' : world.pathOf(thing, owner);
  // Where a path has two ids, the last one names the thing and the first the thread it is in.
  const whole = path.replace(/\{(messageId|attachmentId)\}/, named);
  const first = whole === path ? named : world.pathOf('thread', owner);
  return `${whole
    .replace('{side}', 'front')
    .replace('{event}', 'order.created')
    .replace(/\{(id|ndc|token)\}/, first)}?${neededQuery}`;
}

async function identityOf(
  world: World,
  row: Row,
  caller: CallerName,
  owner: OwnerName,
): Promise<Record<string, string>> {
  const signsInAnew = row.endsSignIn === true && caller !== 'nobody';
  const authorization = signsInAnew ? await world.newCredentialOf(caller) : await world.credentialOf(caller);
  const holding = world.holdings[owner === 'nobody' ? 'own' : owner];
  return {
    ...(authorization !== undefined && { authorization }),
    ...(row.thing === 'enrollmentLink' && { 'x-enrollment-session': holding.enrollmentSession }),
  };
}

function bodyOf(
  { body }: Row,
  { bodies }: DocumentedOperation,
): { type: string; payload: string | Buffer } | undefined {
  if (body !== undefined) return { type: json, payload: JSON.stringify(body) };
  if ('multipart/form-data' in bodies) {
    const [field] = Object.keys(Object(bodies['multipart/form-data']) as object);
    const picture = { disposition: `name="${field ?? ''}"; filename="a.png"`, content: 'not a picture' };
    return { type: `multipart/form-data; boundary=${boundary}`, payload: multipart(boundary, [picture]) };
  }
  const [type, example] = Object.entries(bodies).find(([one]) => one === json) ?? Object.entries(bodies)[0] ?? [];
  if (type === undefined) return undefined;
  return { type, payload: typeof example === 'string' ? example : JSON.stringify(example ?? {}) };
}

/** Of a stream only how it begins: it would not end. */
async function beginningOf(url: string, headers: Record<string, string>): Promise<Answer> {
  const leaving = new AbortController();
  const answer = await fetch(url, { headers, signal: leaving.signal });
  const type = answer.headers.get('content-type') ?? '';
  const text = type.startsWith('text/event-stream') ? '' : await answer.text();
  leaving.abort();
  return { status: answer.status, type, text };
}

/** What is wrong with an answer, given what had to come; undefined when nothing is. */
export function faultOf(
  what: Expected,
  { unless, refusedAs }: Row,
  { method }: DocumentedOperation,
  { status, text }: Answer,
): string | undefined {
  const code = codeOf(text);
  const said = `${status} ${code ?? ''}`.trim();
  const isBehindTheDoor = unless !== undefined && code === unless;
  const isRight = {
    'not found': () => status === 404,
    unproven: () => status >= 400 && status < 500 && code !== 'auth.forbidden',
    reached: () => (method === 'GET' ? status === 200 : status < 500 && ![401, 403, 404].includes(status)),
    'sign-in required': () => said === '401 auth.required',
    forbidden: () => said === `403 ${code === refusedAs ? (code ?? '') : 'auth.forbidden'}`,
  } satisfies Record<Expected, () => boolean>;
  return isRight[what]() || (what === 'reached' && isBehindTheDoor) ? undefined : `must be "${what}" and is ${said}`;
}

/** The answer without what differs from request to request. */
export function comparable({ status, type, text }: Answer): string {
  const problem = problemOf(text);
  if (problem === undefined) return `${status} ${type} ${text}`;
  const { requestId, instance, ...rest } = problem;
  return `${status} ${type} ${JSON.stringify(rest)}${typeof requestId} ${typeof instance}`;
}

function codeOf(text: string): string | undefined {
  const code = problemOf(text)?.['code'];
  return typeof code === 'string' ? code : undefined;
}

function problemOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  return JSON.parse(text) as Record<string, unknown>;
}
