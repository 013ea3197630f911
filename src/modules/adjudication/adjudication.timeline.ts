import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { TimelineSources, type TimelineEntry } from '../prescriptions/index.js';
import type { ClaimRecord } from './claim.entity.js';
import { ClaimsStore } from './claims.store.js';

type By = Pick<TimelineEntry, 'actor' | 'cause'>;

const platform: By = { actor: { kind: 'system', id: null }, cause: { trigger: 'worker' } };
const payer: By = { actor: { kind: 'payer', id: null }, cause: { trigger: 'worker' } };

/** What payers were asked, and what they said; amounts stand with the claims. */
@Injectable()
export class AdjudicationTimeline implements OnModuleInit {
  constructor(
    private readonly sources: TimelineSources,
    private readonly claims: ClaimsStore,
  ) {}

  onModuleInit(): void {
    this.sources.register({ name: 'claims', audience: 'claims', entries: (tx, id) => this.entries(tx, id) });
  }

  private async entries(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
    const claims = await this.claims.ofPrescription(tx, prescriptionId);
    const corrections = await this.claims.corrections(tx, prescriptionId);
    const askedBy = new Map(corrections.map(({ attempt, createdBy }) => [attempt, createdBy]));
    // The cash price is asked of nobody, and its row goes when the plan's is taken.
    return claims
      .filter(({ payerOrder }) => payerOrder !== 'cash')
      .flatMap((claim) => entriesOf(claim, askedBy.get(claim.attempt) ?? null));
  }
}

function entriesOf(claim: ClaimRecord, askedBy: string | null): TimelineEntry[] {
  const { createdAt, answeredAt, reversedAt, bin, rejectCodes } = claim;
  const maker: By = askedBy === null ? platform : { actor: { kind: 'user', id: askedBy }, cause: { trigger: 'user' } };
  const answer = answerOf(claim);
  return [
    entry(claim, 'claim.made', createdAt, maker),
    ...(answer === undefined || answeredAt === null
      ? []
      : // Without a plan it never left: the reject is our own.
        [entry(claim, answer, answeredAt, bin === null ? platform : payer, { rejectCodes })]),
    ...(reversedAt === null ? [] : [entry(claim, 'claim.reversed', reversedAt, payer)]),
  ];
}

/** The word that stands. One that says neither yes nor no is followed by another, which takes its place on the row. */
function answerOf({ rejectClass, patientPayCents }: ClaimRecord): 'claim.rejected' | 'claim.paid' | undefined {
  if (rejectClass !== null) return 'claim.rejected';
  return patientPayCents === null ? undefined : 'claim.paid';
}

function entry(
  { id, attempt, payerOrder }: ClaimRecord,
  code: string,
  at: Date,
  by: By,
  more: Readonly<Record<string, unknown>> = {},
): TimelineEntry {
  return {
    at,
    recordedAt: at,
    kind: 'claim',
    code,
    ...by,
    details: { claimId: id, attempt, payer: payerOrder, ...more },
  };
}
