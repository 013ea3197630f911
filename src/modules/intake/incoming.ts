import type { RequestContext } from '../../platform/http/index.js';
import type { Principal } from '../auth/index.js';
import type { PrescriptionOrder, PrescriptionPath } from '../prescriptions/index.js';
import type { ServiceLevel } from '../prescriptions/order/index.js';

export type IntakeFormat = 'script' | 'json' | 'fhir';

/** One request at the door. */
export interface Incoming {
  principal: Principal;
  contentType: string;
  raw: Buffer;
  /** Parsed by the platform for JSON and FHIR. */
  body: unknown;
  idempotencyKey?: string | undefined;
  /** A person saves it on a ticket that is there already. */
  savedOn?: OpenTicket | undefined;
  /** Of the HTTP request that brought it: for what is audited, as the door itself works without a context. */
  request?: RequestContext | null;
}

/** A ticket a person opened before there was a prescription. */
export interface OpenTicket {
  ticketId: string;
  patientId: string | null;
  providerId: string | null;
}

export interface IntakeAnswer {
  status: number;
  contentType: string;
  body: string;
  /** A stored answer to a message that came before. */
  replayed?: boolean;
  retryAfterSeconds?: number;
}

/** What a body asks for, in our words. */
export interface ReadIntake {
  order: PrescriptionOrder;
  path?: PrescriptionPath;
  serviceLevel?: ServiceLevel;
  metadata?: Record<string, unknown>;
}

const formats: Readonly<Record<string, IntakeFormat>> = {
  'application/json': 'json',
  'application/fhir+json': 'fhir',
  'application/xml': 'script',
  'text/xml': 'script',
};

/** JSON when the request says nothing: a request without a body has no content type. */
export function formatOf(contentType: string): IntakeFormat {
  return formats[mediaType(contentType)] ?? 'json';
}

function mediaType(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
