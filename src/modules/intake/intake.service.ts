import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { newToken } from '../../platform/crypto/index.js';
import { fail as platformFail } from '../../platform/errors/index.js';
import { newId } from '../../platform/ids/index.js';
import { ticketFail } from '../tickets/index.js';
import { parseFhir } from './formats/fhir.js';
import { FormatError } from './formats/format-error.js';
import { parseJsonIntake } from './formats/json.js';
import { formatOf, type Incoming, type IntakeAnswer, type IntakeFormat, type ReadIntake } from './incoming.js';
import { problemOfFormat } from './intake.errors.js';
import { answerTypes, bodyHashOf, IntakeStore, type KnownMessage, type NewPrescription } from './intake.store.js';
import { ScriptDoor } from './script-door.js';

const readers: Readonly<Record<Exclude<IntakeFormat, 'script'>, (body: unknown, today: string) => ReadIntake>> = {
  json: parseJsonIntake,
  fhir: (body, today) => ({ order: parseFhir(body, today) }),
};

const printableAscii = /^[\x20-\x7e]{1,255}$/;

/** The door for everything that is prescribed elsewhere. */
@Injectable()
export class Intake {
  constructor(
    private readonly store: IntakeStore,
    private readonly script: ScriptDoor,
    private readonly clock: Clock,
  ) {}

  /**
   * Keeps the message and opens its prescription and ticket, or answers what was answered before.
   * @throws DomainError `intake.*` for JSON and FHIR bodies that cannot be read, `idempotency.*`, `service.unavailable`,
   *   `ticket.illegal-move` when the ticket it is saved on has ended
   */
  async receive(incoming: Incoming): Promise<IntakeAnswer> {
    const format = formatOf(incoming.contentType);
    if (format === 'script') return this.script.receive(incoming);
    const read = this.readOrRefuse(format, incoming.body);
    const intake = this.newPrescription(incoming, format, read);
    if (await this.store.receive(intake)) return intake.answer;
    const known = await this.store.find(intake.organizationId, intake.sender, intake.dedupeKey);
    if (known === undefined && incoming.savedOn !== undefined) {
      const ticketStatus = await this.store.statusOf(incoming.savedOn.ticketId);
      throw ticketFail('ticket.illegal-move', { meta: { ticketStatus, action: 'save_prescription' } });
    }
    return sameOrRefuse(known, bodyHashOf(incoming));
  }

  private readOrRefuse(format: keyof typeof readers, body: unknown): ReadIntake {
    try {
      return readers[format](body, this.clock.now().toISOString().slice(0, 10));
    } catch (error) {
      throw error instanceof FormatError ? problemOfFormat(error) : error;
    }
  }

  private newPrescription(incoming: Incoming, format: 'json' | 'fhir', read: ReadIntake): NewPrescription {
    const { principal } = incoming;
    const prescriptionId = newId();
    const ticketId = incoming.savedOn?.ticketId ?? newId();
    return {
      ...read,
      id: newId(),
      eventId: newId(),
      prescriptionId,
      ticketId,
      savedOn: incoming.savedOn,
      organizationId: principal.organizationId,
      format,
      sender: callerSender(incoming),
      dedupeKey: dedupeKeyOf(incoming.idempotencyKey),
      messageId: read.order.messageId,
      raw: incoming.raw,
      contentType: incoming.contentType,
      answer: {
        status: 202,
        contentType: answerTypes[format],
        body: JSON.stringify({ id: prescriptionId, status: 'received', ticketId }),
      },
      principal,
      request: incoming.request,
      receivedAt: this.clock.now(),
    };
  }
}

/** Keys belong to the caller who made them up. */
function callerSender({ principal }: Incoming): string {
  return `${principal.kind}:${principal.id}`;
}

function dedupeKeyOf(idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return `once:${newToken()}`;
  if (!printableAscii.test(idempotencyKey)) throw platformFail('idempotency.key-invalid');
  return `key:${idempotencyKey}`;
}

function sameOrRefuse(known: KnownMessage | undefined, bodyHash: string): IntakeAnswer {
  if (known === undefined) throw platformFail('idempotency.in-progress', { retryAfterSeconds: 1 });
  if (known.bodyHash !== bodyHash) throw platformFail('idempotency.key-reused');
  return known.answer;
}
