import { ApiProperty } from '@nestjs/swagger';
import { states, type PrescriptionState } from '../prescription.machine.js';
import type { Prescription } from '../prescription.entity.js';
import type { TimelineEntry } from '../timeline.js';
import type { WaitingReason } from '../waiting.js';

export class TimelineActor {
  @ApiProperty({ example: 'system', description: 'user, api_key, patient, pharmacy, carrier, payer, system' })
  kind!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  id!: string | null;
}

export class TimelineCause {
  @ApiProperty({ enum: ['user', 'worker', 'webhook', 'schedule', 'reconciler'], example: 'worker' })
  trigger!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  reason!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  webhookEventId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f60' })
  jobId!: string | null;
}

export class TimelineEntryResponse {
  @ApiProperty({ example: '2026-11-21T01:20:01.000Z', description: 'When it happened.' })
  at!: string;

  @ApiProperty({ example: '2026-11-21T01:20:01.000Z', description: 'When it was learnt of.' })
  recordedAt!: string;

  @ApiProperty({ example: 'status', description: 'status, effect, dead_letter, redrive, cancellation, …' })
  kind!: string;

  @ApiProperty({ example: 'prescription.pass_validation' })
  code!: string;

  @ApiProperty({ type: TimelineActor })
  actor!: TimelineActor;

  @ApiProperty({ type: TimelineCause })
  cause!: TimelineCause;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { from: 'received', to: 'validated', moved: true, version: 2, event: 'prescription_validated' },
  })
  details!: Readonly<Record<string, unknown>>;
}

export class TimelineResponse {
  @ApiProperty({ type: [TimelineEntryResponse], description: 'Oldest first.' })
  items!: TimelineEntryResponse[];
}

export class WhyResponse {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  id!: string;

  @ApiProperty({ enum: states, example: 'awaiting_payment' })
  state!: PrescriptionState;

  @ApiProperty({ example: 'payment.awaited' })
  code!: string;

  @ApiProperty({ example: "the patient's payment" })
  waitsFor!: string;

  @ApiProperty({
    enum: ['patient', 'doctor', 'pharmacy', 'ops', 'payer', 'carrier', 'platform', 'nobody'],
    example: 'patient',
  })
  who!: string;

  @ApiProperty({ example: '2026-11-21T01:28:00.000Z' })
  since!: string;

  @ApiProperty({
    example:
      'The patient pays on the link; when it runs out a new one is sent. POST /api/prescriptions/:id/payment-link makes a new one now.',
  })
  next!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: {
      owedCents: 1500,
      currency: 'USD',
      attempt: 1,
      linkStatus: 'open',
      linkExpiresAt: '2026-11-22T01:23:00.000Z',
    },
  })
  details!: Readonly<Record<string, unknown>>;
}

export function timelineView(entries: readonly TimelineEntry[]): TimelineResponse {
  return { items: entries.map(entryView) };
}

function entryView({ at, recordedAt, kind, code, actor, cause, details }: TimelineEntry): TimelineEntryResponse {
  return {
    at: at.toISOString(),
    recordedAt: recordedAt.toISOString(),
    kind,
    code,
    actor: { kind: actor.kind, id: actor.id },
    cause: {
      trigger: cause.trigger,
      reason: cause.reason ?? null,
      webhookEventId: cause.webhookEventId ?? null,
      jobId: cause.jobId ?? null,
    },
    details: details ?? {},
  };
}

export function whyView({ prescription, reason }: { prescription: Prescription; reason: WaitingReason }): WhyResponse {
  return {
    id: prescription.id,
    state: prescription.state,
    code: reason.code,
    waitsFor: reason.waitsFor,
    who: reason.who,
    since: reason.since.toISOString(),
    next: reason.next,
    details: reason.details ?? {},
  };
}
