import { Injectable } from '@nestjs/common';
import type { Statement, Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { JobRun } from '../../platform/jobs/index.js';
import { isForSubscriber, Outbox } from '../../platform/outbox/index.js';
import { ticketStatusOfState } from '../tickets/index.js';
import { lockWithTicket, passFirstPlace, passHeldPlace } from './first-place.sql.js';
import { askTheNextPharmacy, giveOwnTicket, waitsForPharmacy } from './own-ticket.sql.js';
import {
  eventOf,
  finalStates,
  impliedBy,
  mayTake,
  outcomeOf,
  type PrescriptionAction,
  type PrescriptionState,
} from './prescription.machine.js';
import { doctorNamed } from './ticket-parties.sql.js';
import { takesStatus } from './ticket-status.sql.js';
import { Waiting } from './waiting.js';

export type Trigger = 'user' | 'worker' | 'webhook' | 'schedule' | 'reconciler';

export interface Actor {
  kind: 'user' | 'api_key' | 'patient' | 'pharmacy' | 'carrier' | 'payer' | 'system';
  id?: string | undefined;
}

/** Columns of the prescription a step may set while it moves it. */
export interface Facts {
  /** Null: of a version that was corrected, and names nobody known any more. */
  patientId?: string | null;
  providerId?: string;
  pharmacyId?: string;
  ndc?: string | null;
  schedule?: string | null;
  quantity?: number;
  quantityUnit?: string | null;
  daysSupply?: number;
  refills?: number;
  writtenDate?: string;
  earliestFillDate?: string | null;
  drugDescription?: string;
  serviceLevel?: string;
  owedCents?: number;
  orderVersion?: number;
  completedAt?: Date;
  outcomeAt?: Date | 'infinity';
}

const factColumns: Readonly<Record<keyof Facts, string>> = {
  patientId: 'patient_id',
  providerId: 'provider_id',
  pharmacyId: 'pharmacy_id',
  ndc: 'ndc',
  schedule: 'schedule',
  quantity: 'quantity',
  quantityUnit: 'quantity_unit',
  daysSupply: 'days_supply',
  refills: 'refills',
  writtenDate: 'written_date',
  earliestFillDate: 'earliest_fill_date',
  drugDescription: 'drug_description',
  serviceLevel: 'service_level',
  owedCents: 'owed_cents',
  orderVersion: 'order_version',
  completedAt: 'completed_at',
  outcomeAt: 'outcome_at',
};

export interface MoveRequest {
  id: string;
  action: PrescriptionAction;
  from: readonly PrescriptionState[];
  to: PrescriptionState;
  now: Date;
  occurredAt: Date;
  actor: Actor;
  trigger: Trigger;
  reason?: string | undefined;
  webhookEventId?: string | undefined;
  sourceKey?: string | undefined;
  facts?: Facts | undefined;
  /** Further ids for the event's subscribers. */
  payload?: Readonly<Record<string, string | number | undefined>> | undefined;
  /** The job this move ends. */
  run?: JobRun | undefined;
  /** The job that makes this move and does not end with it. */
  jobId?: string | undefined;
}

export interface Moved {
  id: string;
  organizationId: string;
  ticketId: string;
  from: PrescriptionState;
  to: PrescriptionState;
  version: number;
}

/**
 * A move is one statement: guarded update, history, outbox rows, ticket, and the end of the job that caused it. The
 * ticket is moved here because the two may never disagree; its own rules stay in the tickets module.
 */
@Injectable()
export class MovesStore {
  private readonly statements = new Map<string, Statement>();

  constructor(
    private readonly outbox: Outbox,
    private readonly waiting: Waiting,
  ) {}

  /** @returns undefined when the prescription is not in one of the `from` states (or not visible) */
  async move(tx: Tx, request: MoveRequest): Promise<Moved | undefined> {
    const event = eventOf[request.action];
    const rows = this.outbox.rowsOf(event);
    const facts = Object.entries(request.facts ?? {}) as [keyof Facts, unknown][];
    const columns = facts.map(([fact]) => factColumns[fact]);
    await this.giveOwnTicket(tx, request);
    await this.passFirstPlace(tx, request);
    const [row] = await tx.run<Moved & { mayPass: boolean | null }>(this.statement(request.to, columns), [
      request.id,
      [...request.from],
      request.to,
      request.now,
      request.occurredAt,
      newId(),
      request.action,
      request.actor.kind,
      request.actor.id ?? null,
      request.trigger,
      request.reason ?? null,
      event,
      request.webhookEventId ?? null,
      request.run?.outboxId ?? null,
      request.sourceKey ?? null,
      JSON.stringify({ prescriptionId: request.id, state: request.to, ...request.payload }),
      rows.ids,
      rows.subscribers,
      rows.queues,
      ticketStatusOfState[request.to] ?? null,
      rows.variants,
      newId(),
      newId(),
      jobOf(request) ?? null,
      ...facts.map(([, value]) => value as string | number | Date | null),
    ]);
    if (row === undefined) return undefined;
    const { mayPass, ...moved } = row;
    if (mayPass === true) await this.passHeldPlace(tx, request);
    this.outbox.announce(tx);
    if (request.run !== undefined) this.outbox.closes(tx, request.run);
    await this.publishImplied(tx, request, moved);
    await this.settleLetters(tx, request);
    return moved;
  }

  /** A later report of the step that was left out is only kept, so whoever waits for its event would never get one. */
  private async publishImplied(
    tx: Tx,
    { id, action, to }: MoveRequest,
    { from, organizationId }: Moved,
  ): Promise<void> {
    const implied = impliedBy[action];
    if (implied === undefined || !mayTake(from, implied)) return;
    const payload = { prescriptionId: id, state: to };
    await this.outbox.publish(tx, { name: eventOf[implied], aggregateId: id, organizationId, payload });
  }

  /** What only its end could answer is answered by that; nobody redrove it. Refunds, reversals and the like stay open. */
  private async settleLetters(tx: Tx, { id, to, now }: MoveRequest): Promise<void> {
    if (!(finalStates as readonly PrescriptionState[]).includes(to)) return;
    await tx.send(
      `UPDATE dead_letters SET redriven_at = $2 WHERE aggregate_id = $1 AND redriven_at IS NULL AND reason = ANY($3::text[])`,
      [id, now, this.waiting.reasonsWithoutRedrive(id)],
    );
  }

  private async giveOwnTicket(tx: Tx, { id, from, now, actor, trigger, facts }: MoveRequest): Promise<void> {
    if (facts?.pharmacyId === undefined) return;
    const [ticketId, openedId, leftId, endedId] = [newId(), newId(), newId(), newId()];
    const by = [actor.kind, actor.id ?? null, trigger] as const;
    await tx.send(lockWithTicket, [id, [...from]]);
    await tx.send(giveOwnTicket, [id, [...from], facts.pharmacyId, ticketId, now, openedId, leftId, ...by, endedId]);
    await tx.send(askTheNextPharmacy, [id, [...from], facts.pharmacyId]);
  }

  private async passFirstPlace(tx: Tx, { id, action, from, now, actor, trigger }: MoveRequest): Promise<void> {
    if (outcomeOf[action] === undefined) return;
    await tx.send(lockWithTicket, [id, [...from]]);
    await tx.send(passFirstPlace, [id, [...from], now, newId(), actor.kind, actor.id ?? null, trigger]);
  }

  private async passHeldPlace(tx: Tx, { id, now, actor, trigger }: MoveRequest): Promise<void> {
    await tx.send(passHeldPlace, [id, ['validation_issue'], now, newId(), actor.kind, actor.id ?? null, trigger]);
  }

  private statement(to: PrescriptionState, columns: readonly string[]): Statement {
    const asks = waitsForPharmacy.includes(to);
    const shape = [asks, ...columns].join(',');
    const known = this.statements.get(shape);
    if (known !== undefined) return known;
    const statement = { name: `prescriptions_move_${this.statements.size}`, text: moveText(asks, columns) };
    this.statements.set(shape, statement);
    return statement;
  }
}

/** What history names as the job behind it. */
export const jobOf = ({ run, jobId }: Pick<MoveRequest, 'run' | 'jobId'>) => run?.outboxId ?? jobId;

const firstFact = 25;

const takes = takesStatus({
  status: 'hub.to_status',
  now: '$4',
  pharmacy: 'hub.to_pharmacy',
  keepsClock: 't.prescription_id <> moved.id',
});

/** The pharmacy of the ticket as it is now: whoever changes it holds the same lock. */
const asked = `, asked AS (
    SELECT t.secondary_provider_id AS id FROM prior JOIN healthcare_tickets t ON t.id = prior.ticket_id FOR NO KEY UPDATE OF t
  )`;

/** Of a move that names none: a ticket a person opened changes hands with validation alone, and only that looks for others. */
const doctorAsBefore = `CASE t.origin WHEN 'desk' THEN t.primary_provider_id ELSE coalesce(moved.provider_id, t.primary_provider_id) END`;

const moveText = (asks: boolean, columns: readonly string[]) => `
  WITH prior AS (
    SELECT id, state, ticket_id FROM prescriptions WHERE id = $1 AND state = ANY($2::text[]) FOR NO KEY UPDATE
  )${asks ? asked : ''}, moved AS (
    UPDATE prescriptions p SET state = $3, state_since = $5, version = p.version + 1
      ${asks ? ', asked_pharmacy_id = coalesce((SELECT id FROM asked), p.asked_pharmacy_id)' : ''}
      ${columns.map((column, index) => `, ${column} = $${firstFact + index}`).join('')}
    FROM prior WHERE p.id = prior.id
    RETURNING p.id, p.organization_id, p.ticket_id, p.patient_id, p.provider_id, p.pharmacy_id, p.path, p.version, prior.state AS from_state
  ), history AS (
    INSERT INTO prescription_status_events (id, prescription_id, organization_id, action, from_state, to_state, actor_kind,
      actor_id, trigger, reason, event, webhook_event_id, job_id, source_key, occurred_at, recorded_at, version)
    SELECT $6, id, organization_id, $7, from_state, $3, $8, $9, $10, $11, $12, $13, $24, $15, $5, $4, version FROM moved
  ), published AS (
    INSERT INTO outbox_events (id, event, subscriber, queue, aggregate_id, organization_id, payload, occurred_at, due_at, done_at)
    SELECT rows.id, $12, rows.subscriber, rows.queue, moved.id, moved.organization_id, $16::jsonb, $5, $4,
           CASE WHEN rows.subscriber = '' THEN $4::timestamptz END
    FROM moved, unnest($17::uuid[], $18::text[], $19::text[], $21::text[]) AS rows(id, subscriber, queue, variant)
    WHERE ${isForSubscriber({ variant: 'moved.path', organization: 'moved.organization_id', event: '$12' })}
  ), hub AS (
    -- Of several prescriptions on a ticket the first one moves it, and whichever passes validation sends it. What has ended stays
    -- ended, as the latest outcome says, and a new pharmacy begins anew.
    SELECT t.id, t.status AS from_status, t.secondary_provider_id AS from_pharmacy,
      CASE WHEN t.prescription_id <> moved.id THEN coalesce(t.secondary_provider_id, moved.pharmacy_id)
        ELSE coalesce(moved.pharmacy_id, t.secondary_provider_id) END AS to_pharmacy,
      CASE WHEN t.prescription_id <> moved.id AND (t.status <> 'created' OR $20::text IS DISTINCT FROM 'sent') THEN t.status
        WHEN t.status IN ('closed', 'cancelled')
          AND (t.prescription_id IS NULL OR $20::text IS NULL OR $20 NOT IN ('closed', 'cancelled')) THEN t.status
        WHEN $20::text IS NOT NULL THEN $20
        WHEN t.status IN ('received', 'processing') AND moved.pharmacy_id IS NOT NULL
          AND moved.pharmacy_id <> t.secondary_provider_id THEN 'sent'
        ELSE t.status END AS to_status,
      -- Validation passed another one, or holds the first of a ticket that was sent with another one.
      CASE $3::text WHEN 'validated' THEN t.prescription_id <> moved.id
        WHEN 'validation_issue' THEN t.prescription_id = moved.id AND t.sent_at IS NOT NULL END AS may_pass
    FROM healthcare_tickets t JOIN moved ON t.id = moved.ticket_id FOR NO KEY UPDATE OF t
  ), ticket AS (
    UPDATE healthcare_tickets t SET ${takes}, prescription_id = coalesce(t.prescription_id, moved.id),
      sent_at = coalesce(t.sent_at, CASE WHEN hub.to_status = 'sent' THEN $4::timestamptz END),
      patient_id = CASE WHEN t.prescription_id <> moved.id THEN t.patient_id
        WHEN t.origin = 'intake' AND t.prescription_id = moved.id THEN moved.patient_id
        ELSE coalesce(moved.patient_id, t.patient_id) END,
      primary_provider_id = CASE WHEN t.prescription_id <> moved.id THEN t.primary_provider_id
        ELSE ${columns.includes(factColumns.providerId) ? doctorNamed('moved.provider_id') : doctorAsBefore} END
    FROM moved, hub WHERE t.id = hub.id
    RETURNING t.id, t.organization_id, t.secondary_provider_id, hub.from_status, hub.to_status, hub.from_pharmacy
  ), told AS (
    INSERT INTO ticket_events (id, ticket_id, organization_id, code, actor_kind, actor_id, trigger, reason, details, occurred_at, recorded_at)
    SELECT change.id, ticket.id, ticket.organization_id, change.code, $8, $9, $10, $11, jsonb_strip_nulls(change.details), $5, $4
    FROM ticket, LATERAL (VALUES
      ($22::uuid, 'ticket.' || to_status, from_status <> to_status,
        jsonb_build_object('from', from_status, 'to', to_status, 'prescriptionId', $1::uuid)),
      ($23::uuid, 'ticket.pharmacy-changed', from_pharmacy <> secondary_provider_id,
        jsonb_build_object('from', from_pharmacy, 'to', secondary_provider_id))
    ) AS change(id, code, happened, details)
    WHERE change.happened
  ), ended AS (
    UPDATE outbox_events SET done_at = $4 FROM moved WHERE outbox_events.id = $14 AND done_at IS NULL
  )
  SELECT moved.id, organization_id AS "organizationId", ticket_id AS "ticketId", from_state AS "from", $3::text AS "to", version,
    hub.may_pass AS "mayPass"
  FROM moved LEFT JOIN hub ON hub.id = moved.ticket_id`;
