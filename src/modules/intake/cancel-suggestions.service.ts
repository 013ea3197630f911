import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, type DbContext, type Tx } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { newId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, isSeenBy, type Principal } from '../auth/index.js';
import {
  finalStates,
  Prescriptions,
  TimelineSources,
  type PrescriptionOrder,
  type PrescriptionState,
  type TimelineEntry,
} from '../prescriptions/index.js';
import { cluesOf, mayNameThem, namesOthers, namesSamePeople } from './cancel-match.policy.js';
import type { ScriptCancel } from './formats/script.js';

export interface OpenSuggestion {
  id: string;
  prescriptionId: string;
  state: PrescriptionState;
  messageId: string;
  suggestedAt: Date;
}

/** Orders of one drug written on one day in one organization: far fewer than this. */
const mostOrders = 500;
/** A message that fits more prescriptions than a person compares points at none of them. */
const mostSuggestions = 10;

/**
 * Cancel messages that name no message of ours, beside the prescriptions they may mean. A wrong guess would cancel a
 * stranger's medicine, so nothing is cancelled here: a person looks and cancels, or does not.
 */
@Injectable()
export class CancelSuggestions implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly timeline: TimelineSources,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.timeline.register({ name: 'cancel-suggestions', audience: 'staff', entries: entriesOf });
  }

  /** Prescriptions of the caller's organization, not ended, that name the same people, drug and day. */
  async find(context: DbContext, organizationId: string, cancel: ScriptCancel): Promise<string[]> {
    const clues = cluesOf(cancel);
    if (clues === undefined) return [];
    // No prescription arrives more than a day, for the zones' sake, before it is written: the newest are enough to look at.
    const rows = await this.db.query<{ id: string; sealed: Buffer }>(
      context,
      `SELECT p.id, v.order_sealed AS sealed
       FROM prescriptions p JOIN prescription_versions v ON v.prescription_id = p.id
       WHERE p.organization_id = $1 AND p.received_at >= $2::date - interval '1 day' AND p.written_date = $2::date
         AND p.state <> ALL ($3) AND (p.ndc = ANY ($4) OR lower(p.drug_description) = lower($5))
       ORDER BY p.received_at DESC, p.id DESC, v.version LIMIT $6`,
      [organizationId, clues.writtenDate, [...finalStates], clues.ndcs, clues.description ?? null, mostOrders],
    );
    // Any version counts: the sender does not know what was corrected here.
    const meant = rows.filter(({ id, sealed }) => namesSamePeople(clues, this.prescriptions.openOrder(id, sealed)));
    return [...new Set(meant.map(({ id }) => id))].slice(0, mostSuggestions);
  }

  /** Prescriptions of the number a message says, by whom they name in any version: nobody else than it, or maybe the same. */
  async byPeople<T extends { id: string }>(
    context: DbContext,
    numbered: readonly T[],
    cancel: ScriptCancel,
  ): Promise<{ same: T[]; doubtful: T[] }> {
    const rows = await this.db.query<{ id: string; sealed: Buffer }>(
      context,
      'SELECT prescription_id AS id, order_sealed AS sealed FROM prescription_versions WHERE prescription_id = ANY ($1)',
      [numbered.map(({ id }) => id)],
    );
    const versions = rows.map(({ id, sealed }) => ({ id, order: this.prescriptions.openOrder(id, sealed) }));
    const whose = (test: (order: PrescriptionOrder) => boolean) =>
      numbered.filter((one) => versions.some(({ id, order }) => id === one.id && test(order)));
    return {
      same: whose((order) => !namesOthers(cancel, order)),
      doubtful: whose((order) => mayNameThem(cancel, order)).slice(0, mostSuggestions),
    };
  }

  async note(tx: Tx, messageId: string, prescriptionIds: readonly string[]): Promise<void> {
    await tx.send(
      `INSERT INTO cancel_suggestions (id, organization_id, message_id, prescription_id, suggested_at)
       SELECT s.id, p.organization_id, $1, p.id, $4
       FROM unnest($2::uuid[], $3::uuid[]) AS s(id, prescription_id) JOIN prescriptions p ON p.id = s.prescription_id`,
      [messageId, prescriptionIds.map(() => newId()), prescriptionIds, this.clock.now()],
    );
  }

  /** What is still to be decided, oldest first: a prescription that has ended leaves the list. */
  show(principal: Principal, { cursor, limit }: PageRequest): Promise<Page<OpenSuggestion>> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const { organizationId } = principal;
      if (!isSeenBy(tx.context, { organizationId })) return pageOf([], limit);
      const rows = await tx.query<OpenSuggestion>(
        `SELECT s.id, s.prescription_id AS "prescriptionId", p.state, s.message_id AS "messageId",
           s.suggested_at AS "suggestedAt"
         FROM cancel_suggestions s JOIN prescriptions p ON p.id = s.prescription_id
         WHERE s.organization_id = $1 AND p.state <> ALL ($2) AND ($3::uuid IS NULL OR s.id > $3)
         ORDER BY s.id LIMIT $4`,
        [organizationId, [...finalStates], cursor ?? null, limit + 1],
      );
      const page = pageOf(rows, limit);
      const entityIds = page.items.map(({ prescriptionId }) => prescriptionId);
      await this.audit.record(tx, {
        action: 'search',
        entity: 'prescription',
        entityIds,
        reason: 'cancel-suggestions',
      });
      return page;
    });
  }
}

async function entriesOf(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
  const rows = await tx.query<{ messageId: string; at: Date }>(
    `SELECT message_id AS "messageId", suggested_at AS at FROM cancel_suggestions WHERE prescription_id = $1 ORDER BY id`,
    [prescriptionId],
  );
  return rows.map(({ messageId, at }) => ({
    at,
    recordedAt: at,
    kind: 'cancellation',
    code: 'intake.cancel-suggested',
    actor: { kind: 'system', id: null },
    cause: { trigger: 'user', reason: 'cancelrx-names-no-message-of-ours' },
    details: {
      messageId,
      note: 'A cancel message that names no message of ours may mean this prescription. It was denied.',
      next: `Ask the prescriber; if it is meant, POST /api/prescriptions/${prescriptionId}/cancel.`,
    },
  }));
}
