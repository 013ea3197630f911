import { get as httpGet, type IncomingMessage } from 'node:http';
import { ThreadsModule } from '../../src/modules/threads/index.js';
import { TicketsModule } from '../../src/modules/tickets/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { FrozenClock } from './frozen-clock.js';
import { insertRow } from './looker.js';
import { startModules, type ModuleApp } from './module-app.js';
import { surroundings, type Surroundings } from './surroundings.js';
import { until } from './until.js';

export const sides = ['doctor', 'pharmacy', 'patient', 'ops'] as const;
export type Side = (typeof sides)[number];

/** A ticket with its thread (the same id) and somebody signed in for each of its parties. */
export interface OpenTicket extends Record<Side, string> {
  id: string;
  parties: { doctor: string; pharmacy: string; patient: string };
}

export interface MessageJson {
  id: string;
  seq: number;
  revision: number;
  audience: string;
  kind: string;
  author: { party: string; partyId: string | null; userId: string | null };
  text: string | null;
  code: string | null;
  attachments: { id: string; name: string }[];
  awaits: string | null;
  answeredAt: string | null;
  editedAt: string | null;
  deletedAt: string | null;
}

export interface Answer<T> {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  json: T;
  code: string | undefined;
}

export interface ThreadApp extends ModuleApp {
  clock: FrozenClock;
  around: Surroundings;
  ticket(columns?: Readonly<Record<string, unknown>>): Promise<OpenTicket>;
  call<T = MessageJson>(
    authorization: string,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Answer<T>>;
  say(ticket: OpenTicket, side: Side, body: object): Promise<Answer<MessageJson>>;
  /** What a side reads, oldest first. */
  texts(ticket: OpenTicket, side: Side): Promise<(string | null)[]>;
}

/** Threads over HTTP with a clock that stands still. A second app on the surroundings of a first is another process of it. */
export async function startThreadApp(beside?: Surroundings): Promise<ThreadApp> {
  const around = beside ?? (await surroundings('threads'));
  const clock = new FrozenClock();
  const app = await startModules(around, { modules: [TicketsModule, ThreadsModule], clock, env: { ROLES: 'api' } });
  const call: ThreadApp['call'] = async (authorization, method, path, body) => {
    const answer = await app.app.inject({
      method,
      url: `/api/threads/${path}`,
      headers: { authorization },
      ...(body && { payload: body }),
    });
    const code = answer.statusCode >= 400 ? answer.json<{ code: string }>().code : undefined;
    return { status: answer.statusCode, headers: answer.headers, json: answer.json(), code };
  };
  return {
    ...app,
    clock,
    around,
    call,
    ticket: (columns) => openTicket(app, clock, columns),
    say: (ticket, side, body) => call(ticket[side], 'POST', `${ticket.id}/messages`, body),
    texts: async (ticket, side) => {
      const { json } = await call<{ items: MessageJson[] }>(ticket[side], 'GET', `${ticket.id}/messages`);
      return json.items.map(({ text }) => text).reverse();
    },
  };
}

async function openTicket(
  app: ModuleApp,
  clock: FrozenClock,
  columns: Readonly<Record<string, unknown>> = {},
): Promise<OpenTicket> {
  const [id, doctor, pharmacy, patient, now] = [newId(), newId(), newId(), newId(), clock.now()];
  await insertRow(app.sql, 'healthcare_tickets', {
    id,
    organization_id: app.organizationId,
    origin: 'desk',
    status: 'sent',
    status_since: now,
    sent_at: now,
    primary_provider_id: doctor,
    secondary_provider_id: pharmacy,
    patient_id: patient,
    created_at: now,
    updated_at: now,
    ...columns,
  });
  return {
    id,
    parties: { doctor, pharmacy, patient },
    doctor: await app.user('doctor', { providerId: doctor }),
    pharmacy: await app.user('pharmacy', { pharmacyId: pharmacy }),
    patient: await app.user('patient', { patientId: patient }),
    ops: await app.user('ops'),
  };
}

export interface StreamEvent {
  id: string;
  event: string;
  data: MessageJson;
}

export interface OpenStream {
  text(): string;
  events(): StreamEvent[];
  has(piece: string): Promise<void>;
  ended: Promise<void>;
  close(): void;
}

/** @throws Error with the status when it is no stream */
export async function openStream(
  url: string,
  threadId: string,
  authorization: string,
  lastEventId?: string,
): Promise<OpenStream> {
  const headers = { authorization, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(`${url}/api/threads/${threadId}/stream`, { headers }, resolve).on('error', reject);
  });
  let text = '';
  response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  response.on('error', () => undefined);
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`answered ${response.statusCode}`);
  }
  return {
    text: () => text,
    events: () => text.split('\n\n').flatMap(eventOf),
    has: (piece) =>
      until(() => text.includes(piece)).catch(() => Promise.reject(new Error(`never said ${piece}: ${text}`))),
    ended: new Promise((resolve) => response.on('close', resolve)),
    close: () => response.destroy(),
  };
}

function eventOf(block: string): StreamEvent[] {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const data = field('data');
  return data === undefined
    ? []
    : [{ id: field('id') ?? '', event: field('event') ?? '', data: JSON.parse(data) as MessageJson }];
}
