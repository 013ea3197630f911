import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { isSeenBy, type Owned } from '../auth/index.js';
import { quantityUnitCode } from '../directory/quantity-units/index.js';
import { namingOrigins } from '../tickets/index.js';
import { MovesStore, type Actor, type Facts, type Moved, type Trigger } from './moves.store.js';
import type { PrescriptionOrder } from './order/index.js';
import { Prescription } from './prescription.entity.js';
import {
  outcomeOf,
  prescriptionMachine,
  type FulfilmentAction,
  type PrescriptionAction,
} from './prescription.machine.js';
import { fail } from './prescriptions.errors.js';
import { decideReport, endsDoubt } from './report.policy.js';
import { fillSince } from './versions.policy.js';

export interface Move {
  id: string;
  action: PrescriptionAction;
  actor: Actor;
  trigger: Trigger;
  /** Why, in codes and our own words: never patient data. */
  reason?: string;
  facts?: Facts;
  /** When it happened; now by default. */
  occurredAt?: Date;
  /** Further ids for subscribers of the event. */
  payload?: Readonly<Record<string, string | number | undefined>>;
  webhookEventId?: string;
  /** The job that ends with this move, in the same transaction. */
  run?: JobRun;
  /** The job that makes it, where it does not end with it. */
  jobId?: string | undefined;
}

export interface Report {
  id: string;
  action: FulfilmentAction;
  actor: Actor;
  trigger: Trigger;
  occurredAt: Date;
  /** The same report has the same key, whoever delivers it. */
  sourceKey: string;
  reason?: string;
  facts?: Facts;
  webhookEventId?: string;
  /** The job that brings it. */
  jobId?: string | undefined;
}

export const systemActor: Actor = { kind: 'system' };

/** Keeps the state of prescriptions and the versions of what was ordered. */
@Injectable()
export class Prescriptions {
  constructor(
    private readonly moves: MovesStore,
    private readonly clock: Clock,
    private readonly keyring: Keyring,
    private readonly outbox: Outbox,
  ) {}

  /** @returns undefined when the prescription is past (or not yet in) the action's from-states: an earlier try did it */
  async move(tx: Tx, move: Move): Promise<Moved | undefined> {
    const now = this.clock.now();
    const { from, to } = prescriptionMachine[move.action];
    return this.moves.move(tx, { ...move, from, to, now, occurredAt: move.occurredAt ?? now });
  }

  /** As `move`, for people's actions. @throws prescription.illegal-action naming the state it is in, prescription.not-found */
  async moveOrRefuse(tx: Tx, move: Move): Promise<Moved> {
    const moved = await this.move(tx, move);
    if (moved !== undefined) return moved;
    const { state } = await this.get(tx, move.id);
    throw fail('prescription.illegal-action', { meta: { state, action: move.action } });
  }

  /**
   * What a pharmacy or carrier says, late, twice or out of order. History keeps every report once, at its own time; the
   * state follows the furthest report, and the latest outcome. Any order and repetition ends in the same rows.
   */
  async report(tx: Tx, report: Report): Promise<'moved' | 'kept' | 'duplicate'> {
    const [current, already] = await Promise.all([
      this.lock(tx, report.id),
      tx.one('SELECT 1 FROM prescription_status_events WHERE prescription_id = $1 AND source_key = $2', [
        report.id,
        report.sourceKey,
      ]),
    ]);
    if (already !== undefined) return 'duplicate';
    const now = this.clock.now();
    const decision = decideReport(current, report);
    if (decision === 'confirm') {
      await tx.send(
        `UPDATE prescriptions SET outcome_at = $2, state_since = CASE state WHEN 'completed' THEN state_since ELSE $2 END
         WHERE id = $1`,
        [report.id, report.occurredAt],
      );
    }
    if (decision !== 'move') {
      await this.keepReport(tx, current, report, now);
      return 'kept';
    }
    const { from, to } = prescriptionMachine[report.action];
    const outcomeAt = outcomeOf[report.action] === undefined ? undefined : { outcomeAt: report.occurredAt };
    const moved = await this.moves.move(tx, { ...report, from, to, now, facts: { ...report.facts, ...outcomeAt } });
    if (moved === undefined) await this.keepReport(tx, current, report, now);
    return moved === undefined ? 'kept' : 'moved';
  }

  /** @throws prescription.not-found */
  async get(tx: Tx, id: string): Promise<Prescription> {
    const found = await tx.row(Prescription, { id });
    if (found === undefined || !isSeenBy(tx.context, ownersOf(found))) throw fail('prescription.not-found');
    return found;
  }

  /** For what belongs to a prescription and has an address of its own. */
  async isSeen(tx: Tx, id: string): Promise<boolean> {
    const found = await tx.row(Prescription, { id });
    return found !== undefined && isSeenBy(tx.context, ownersOf(found));
  }

  /** Of a row that was read already. */
  isOpenTo({ context }: Tx, prescription: Prescription): boolean {
    return isSeenBy(context, ownersOf(prescription));
  }

  /** The prescription, locked until the transaction ends. @throws prescription.not-found */
  async lock(tx: Tx, id: string): Promise<Prescription> {
    const found = await tx.row(Prescription, { id }, { lock: true });
    if (found === undefined || !isSeenBy(tx.context, ownersOf(found))) throw fail('prescription.not-found');
    return found;
  }

  /** What was ordered, opened. Current version unless another is asked for. @throws prescription.not-found */
  async order(tx: Tx, id: string, version?: number): Promise<PrescriptionOrder> {
    const row = await tx.one<Owned & { sealed: Buffer }>(
      `SELECT v.order_sealed AS sealed, p.organization_id AS "organizationId", p.provider_id AS "providerId",
         coalesce(p.pharmacy_id, p.asked_pharmacy_id) AS "pharmacyId", p.patient_id AS "patientId"
       FROM prescription_versions v JOIN prescriptions p ON p.id = v.prescription_id
       WHERE p.id = $1 AND v.version = coalesce($2, p.order_version)`,
      [id, version ?? null],
    );
    if (row === undefined || !isSeenBy(tx.context, row)) throw fail('prescription.not-found');
    return this.openOrder(id, row.sealed);
  }

  /** Since when this drug is ordered for this patient: what anybody said before, they said of another fill. */
  async fillSince(tx: Tx, { id, orderVersion, receivedAt }: Prescription): Promise<Date> {
    if (orderVersion === 1) return receivedAt;
    const versions = await tx.query<{ sealed: Buffer; createdAt: Date }>(
      `SELECT order_sealed AS sealed, created_at AS "createdAt" FROM prescription_versions
       WHERE prescription_id = $1 ORDER BY version`,
      [id],
    );
    const opened = versions.map(({ sealed, createdAt }) => ({ order: this.openOrder(id, sealed), createdAt }));
    return fillSince(opened) ?? receivedAt;
  }

  openOrder(id: string, sealed: Buffer): PrescriptionOrder {
    return JSON.parse(this.keyring.openText(orderPlace(id), sealed)) as PrescriptionOrder;
  }

  /** For the intake's own statement: the order as it is stored. */
  sealOrder(id: string, order: PrescriptionOrder): Buffer {
    return this.keyring.seal(orderPlace(id), JSON.stringify(order));
  }

  /** A correction: adds a version and sends the prescription through validation again. Both versions stay. */
  async resubmit(
    tx: Tx,
    id: string,
    order: PrescriptionOrder,
    by: { actor: Actor; reason: string },
  ): Promise<{ version: number }> {
    const current = await this.lock(tx, id);
    const version = current.orderVersion + 1;
    const meantBefore = (await this.order(tx, id)).patient;
    const isSomebodyElse = !isDeepStrictEqual(order.patient, meantBefore) && !(await this.isNamedByTicket(tx, id));
    await this.moveOrRefuse(tx, {
      id,
      action: 'resubmit',
      actor: by.actor,
      trigger: 'user',
      reason: by.reason,
      // Whose it was until now does not read it before validation has said whose it is.
      facts: { orderVersion: version, ...factsOf(order), ...(isSomebodyElse && { patientId: null }) },
    });
    await tx.send(
      `INSERT INTO prescription_versions (prescription_id, version, organization_id, order_sealed, reason, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        id,
        version,
        current.organizationId,
        this.sealOrder(id, order),
        by.reason,
        by.actor.id ?? null,
        this.clock.now(),
      ],
    );
    return { version };
  }

  /** Then the ticket says who the patient is, whatever the order says. */
  private async isNamedByTicket(tx: Tx, id: string): Promise<boolean> {
    const named = await tx.one(
      `SELECT 1 FROM prescriptions p JOIN healthcare_tickets t ON t.id = p.ticket_id
       WHERE p.id = $1 AND t.origin = ANY($2::text[])`,
      [id, [...namingOrigins]],
    );
    return named !== undefined;
  }

  private async keepReport(tx: Tx, current: Prescription, report: Report, now: Date): Promise<void> {
    await tx.send(
      `INSERT INTO prescription_status_events (id, prescription_id, organization_id, action, from_state, to_state, moved,
         actor_kind, actor_id, trigger, reason, event, webhook_event_id, job_id, source_key, occurred_at, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $5, false, $6, $7, $8, $9, 'report_kept', $10, $11, $12, $13, $14)
       ON CONFLICT DO NOTHING`,
      [
        newId(),
        report.id,
        current.organizationId,
        report.action,
        current.state,
        report.actor.kind,
        report.actor.id ?? null,
        report.trigger,
        report.reason ?? null,
        report.webhookEventId ?? null,
        report.jobId ?? null,
        report.sourceKey,
        report.occurredAt,
        now,
      ],
    );
    if (!endsDoubt(current.state, report)) return;
    await this.outbox.publish(tx, {
      name: 'end_confirmed',
      aggregateId: report.id,
      organizationId: current.organizationId,
      payload: { prescriptionId: report.id },
    });
  }
}

/** Where an order is sealed: one place per prescription, versions beside each other. */
function orderPlace(id: string) {
  return { table: 'prescription_versions', column: 'order_sealed', row: id };
}

/** Columns of the prescription that repeat the order for lists, claims and routing; no patient data among them. */
export function factsOf(order: PrescriptionOrder): Facts {
  const { medication } = order;
  const { quantityUnit: unit } = medication;
  return {
    ...(medication.description !== undefined && { drugDescription: medication.description }),
    ...(medication.quantity !== undefined && { quantity: medication.quantity }),
    ...(medication.daysSupply !== undefined && { daysSupply: medication.daysSupply }),
    ...(medication.refills !== undefined && { refills: medication.refills }),
    ...(isStorableDate(order.writtenDate) && { writtenDate: order.writtenDate }),
    // Null as well: what an order can do without, a correction may take back.
    ndc: medication.ndc ?? null,
    quantityUnit: unit === undefined ? null : quantityUnitCode(unit),
    schedule: medication.schedule ?? null,
  };
}

/** A date that cannot be read stays in the order as received; validation says so. PostgreSQL knows no year 0. */
function isStorableDate(date: string | undefined): date is string {
  if (date === undefined || !/^[12]\d{3}-\d{2}-\d{2}$/.test(date)) return false;
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

function ownersOf({ organizationId, providerId, pharmacyId, askedPharmacyId, patientId }: Prescription): Owned {
  return { organizationId, providerId, pharmacyId: pharmacyId ?? askedPharmacyId, patientId };
}
