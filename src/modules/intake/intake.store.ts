import { Injectable } from '@nestjs/common';
import { Keyring, sha256 } from '../../platform/crypto/index.js';
import { Database, fold, systemContext, type DbContext, type Tx } from '../../platform/db/index.js';
import { DomainError } from '../../platform/errors/index.js';
import type { RequestContext } from '../../platform/http/index.js';
import { newId } from '../../platform/ids/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { auditedIp } from '../audit/index.js';
import { actorOf, type Principal } from '../auth/index.js';
import {
  eventOf,
  factsOf,
  finalStates,
  Prescriptions,
  type PrescriptionOrder,
  type PrescriptionPath,
} from '../prescriptions/index.js';
import type { ServiceLevel } from '../prescriptions/order/index.js';
import type { IntakeAnswer, IntakeFormat, OpenTicket } from './incoming.js';
import { foldedIntake, foldedWithTickets, keepMessage } from './intake.sql.js';

/** A message and the answer it gets, before it is known whether it came before. */
export interface Message {
  id: string;
  organizationId: string;
  format: IntakeFormat;
  sender: string;
  dedupeKey: string;
  raw: Buffer;
  contentType: string;
  answer: IntakeAnswer;
  receivedAt: Date;
}

/** A message that is a new prescription. */
export interface NewPrescription extends Message {
  prescriptionId: string;
  ticketId: string;
  eventId: string;
  order: PrescriptionOrder;
  path?: PrescriptionPath | undefined;
  serviceLevel?: ServiceLevel | undefined;
  metadata?: Record<string, unknown> | undefined;
  messageId?: string | undefined;
  /** Who sent it, and by which request: of the latter, only what is audited. */
  principal: Principal;
  request?: RequestContext | null | undefined;
  /** Saved on a ticket that is there already, with its parties. */
  savedOn?: OpenTicket | undefined;
}

/** What a repeat must have in common with what came first; on another ticket the same order is another one. */
export function bodyHashOf({ raw, savedOn }: Pick<NewPrescription, 'raw' | 'savedOn'>): string {
  return sha256(savedOn === undefined ? raw : Buffer.concat([Buffer.from(savedOn.ticketId), raw]));
}

export interface KnownMessage {
  id: string;
  bodyHash: string;
  answer: IntakeAnswer;
}

export interface OriginalMessage {
  contentType: string;
  raw: Buffer;
}

class Failure {
  constructor(readonly cause: unknown) {}
}

/** Large enough for 32 connections in one trip, small enough to keep one statement's parameters below a few megabytes. */
const mostItems = 64;
const mostBatches = 2;

@Injectable()
export class IntakeStore {
  constructor(
    private readonly db: Database,
    private readonly keyring: Keyring,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
  ) {}

  /**
   * Writes message, ticket, prescription, version, history and outbox rows of all calls that arrived together in one
   * statement. @returns false when nothing of it was written: it was here before, or its ticket has ended
   */
  async receive(intake: NewPrescription): Promise<boolean> {
    const written = await this.folded(intake);
    if (written instanceof Failure) throw written.cause;
    return written;
  }

  private readonly folded: (intake: NewPrescription) => Promise<boolean | Failure> = fold(
    (intakes) => this.writeOrSplit(intakes),
    { mostItems, mostBatches },
  );

  /** What one message breaks is broken for its sender only: the others of the batch are written one by one. */
  private async writeOrSplit(intakes: readonly NewPrescription[]): Promise<(boolean | Failure)[]> {
    try {
      return await this.write(intakes);
    } catch (error) {
      if (error instanceof DomainError || intakes.length === 1) return intakes.map(() => new Failure(error));
    }
    const results: (boolean | Failure)[] = [];
    for (const intake of intakes) results.push(...(await this.writeOrSplit([intake])));
    return results;
  }

  private async write(intakes: readonly NewPrescription[]): Promise<boolean[]> {
    // One order for all statements: two of them that share two keys would wait for each other otherwise.
    const sorted = intakes.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
    const sealed = new Joined();
    const rows = JSON.stringify(sorted.map((intake) => this.rowOf(intake, sealed)));
    const events = JSON.stringify(sorted.flatMap((intake) => this.outboxRows(intake.id)));
    const statement = sorted.some(({ savedOn }) => savedOn !== undefined) ? foldedWithTickets : foldedIntake;
    const fresh = await this.db.tx(systemContext, async (tx) => {
      const written = await tx.run<{ id: string }>(statement, [rows, events, eventOf.receive, sealed.bytes()]);
      this.outbox.announce(tx);
      return new Set(written.map(({ id }) => id));
    });
    return intakes.map((intake) => fresh.has(intake.id));
  }

  /** Keeps a message that made no prescription, with its answer. @returns false when it was here before */
  async keep(tx: Tx, message: Message, prescriptionId: string | undefined): Promise<boolean> {
    const rows = await tx.query<{ id: string }>(keepMessage, [
      message.id,
      message.organizationId,
      prescriptionId ?? null,
      message.format,
      message.sender,
      message.dedupeKey,
      sha256(message.raw),
      this.keyring.seal(placeOf(message.id, 'raw_sealed'), message.raw),
      message.contentType,
      message.answer.status,
      this.keyring.seal(placeOf(message.id, 'answer_sealed'), message.answer.body),
      message.receivedAt,
    ]);
    return rows.length > 0;
  }

  async find(organizationId: string, sender: string, dedupeKey: string): Promise<KnownMessage | undefined> {
    const [row] = await this.db.query<{
      id: string;
      bodyHash: string;
      status: number;
      sealed: Buffer;
      format: IntakeFormat;
    }>(
      systemContext,
      `SELECT id, body_hash AS "bodyHash", answer_status AS status, answer_sealed AS sealed, format
       FROM intake_messages WHERE organization_id = $1 AND sender = $2 AND dedupe_key = $3`,
      [organizationId, sender, dedupeKey],
    );
    if (row === undefined) return undefined;
    const body = this.keyring.openText(placeOf(row.id, 'answer_sealed'), row.sealed);
    const answer = { status: row.status, contentType: answerTypes[row.format], body, replayed: true };
    return { id: row.id, bodyHash: row.bodyHash, answer };
  }

  /** Where the ticket stands a prescription was to be saved on. */
  async statusOf(ticketId: string): Promise<string | undefined> {
    const [row] = await this.db.query<{ status: string }>(
      systemContext,
      'SELECT status FROM healthcare_tickets WHERE id = $1',
      [ticketId],
    );
    return row?.status;
  }

  /** The bytes a prescription began with. */
  async original(tx: Tx, prescriptionId: string): Promise<OriginalMessage | undefined> {
    const row = await tx.one<{ id: string; contentType: string; sealed: Buffer }>(
      `SELECT id, content_type AS "contentType", raw_sealed AS sealed FROM intake_messages
       WHERE prescription_id = $1 ORDER BY received_at, id LIMIT 1`,
      [prescriptionId],
    );
    return row && { contentType: row.contentType, raw: this.keyring.open(placeOf(row.id, 'raw_sealed'), row.sealed) };
  }

  /** Prescriptions a sender may mean by one of its own numbers: what has not ended first, then newest first. */
  candidates(
    context: DbContext,
    organizationId: string,
    sender: string,
    by: { column: 'message_id' | 'prescriber_order_number'; value: string },
  ): Promise<{ id: string; state: string }[]> {
    return this.db.query(
      context,
      `SELECT id, state FROM prescriptions WHERE organization_id = $1 AND sender = $2 AND ${by.column} = $3
       ORDER BY state = ANY ($4), received_at DESC, id DESC LIMIT 20`,
      [organizationId, sender, by.value, [...finalStates]],
    );
  }

  private rowOf(intake: NewPrescription, sealed: Joined): Record<string, unknown> {
    const facts = factsOf(intake.order);
    return {
      id: intake.id,
      organization_id: intake.organizationId,
      prescription_id: intake.prescriptionId,
      ticket_id: intake.ticketId,
      event_id: intake.eventId,
      format: intake.format,
      sender: intake.sender,
      dedupe_key: intake.dedupeKey,
      body_hash: bodyHashOf(intake),
      ...sealed.add('raw', this.keyring.seal(placeOf(intake.id, 'raw_sealed'), intake.raw)),
      content_type: intake.contentType,
      answer_status: intake.answer.status,
      ...sealed.add('answer', this.keyring.seal(placeOf(intake.id, 'answer_sealed'), intake.answer.body)),
      ...sealed.add('order', this.prescriptions.sealOrder(intake.prescriptionId, intake.order)),
      path: intake.path,
      service_level: intake.serviceLevel ?? 'standard',
      message_id: intake.messageId,
      prescriber_order_number: intake.order.prescriberOrderNumber,
      drug_description: facts.drugDescription,
      ndc: facts.ndc,
      schedule: facts.schedule,
      quantity: facts.quantity,
      quantity_unit: facts.quantityUnit,
      days_supply: facts.daysSupply,
      refills: facts.refills,
      written_date: facts.writtenDate,
      metadata: intake.metadata ?? {},
      actor_kind: actorOf(intake.principal).kind,
      actor_id: intake.principal.id,
      audit_id: newId(),
      caller_kind: intake.principal.kind,
      caller_role: intake.principal.role,
      request_id: intake.request?.requestId,
      ip: auditedIp(intake.request),
      received_at: intake.receivedAt,
      saved_on_ticket: intake.savedOn !== undefined,
      patient_id: intake.savedOn?.patientId,
      provider_id: intake.savedOn?.providerId,
    };
  }

  private outboxRows(intakeId: string): Record<string, string | undefined>[] {
    const { ids, subscribers, queues, variants } = this.outbox.rowsOf(eventOf.receive);
    return ids.map((id, index) => ({
      intake_id: intakeId,
      id,
      subscriber: subscribers[index],
      queue: queues[index],
      variant: variants[index] ?? undefined,
    }));
  }
}

export const answerTypes: Readonly<Record<IntakeFormat, string>> = {
  script: 'application/xml; charset=utf-8',
  json: 'application/json; charset=utf-8',
  fhir: 'application/json; charset=utf-8',
};

/** Bytes of many columns as one parameter: as text they would be a third longer, and read letter by letter on the other side. */
class Joined {
  private readonly parts: Buffer[] = [];
  private length = 0;

  /** @returns where they lie, for SQL's substring: `<name>_from` counts from 1, `<name>_for` */
  add(name: string, bytes: Buffer): Record<string, number> {
    const from = this.length + 1;
    this.parts.push(bytes);
    this.length += bytes.length;
    return { [`${name}_from`]: from, [`${name}_for`]: bytes.length };
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts, this.length);
  }
}

function placeOf(row: string, column: 'raw_sealed' | 'answer_sealed') {
  return { table: 'intake_messages', column, row };
}

function keyOf(message: Message): string {
  return `${message.organizationId} ${message.sender} ${message.dedupeKey}`;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
