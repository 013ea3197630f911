import { ApiProperty } from '@nestjs/swagger';
import type { PrescriptionOrder } from '../order/index.js';
import { states, type PrescriptionState } from '../prescription.machine.js';
import type { OrderVersion, PrescriptionDetail } from '../prescriptions.reader.js';
import { trackingStatuses, trackingStatusOf, type TrackingStatus } from '../tracking-status.policy.js';

/** Of drug and place as the demo has them, so that what is pasted there goes all the way. */
export const orderExample: PrescriptionOrder = {
  messageId: '5b2f6e0d1c9a4e7f8a3b2c1d0e9f8a7b',
  prescriberOrderNumber: 'RX-7-1',
  writtenDate: '2026-11-20',
  patient: {
    firstName: 'Alex',
    lastName: 'Example',
    birthDate: '1980-04-02',
    phone: '+12025550143',
    email: 'alex@example.com',
    address: { line1: '1 Main Street', city: 'New York', state: 'NY', zip: '10001' },
  },
  prescriber: { npi: '1234567893', firstName: 'Sam', lastName: 'Sample' },
  medication: {
    description: 'Lisinopril 10 mg tablet',
    ndc: '70000010130',
    quantity: 30,
    quantityUnit: 'C48542',
    daysSupply: 30,
    refills: 2,
    substitutions: 0,
    sig: 'Take 1 tablet by mouth once daily',
  },
};

const findingExample = [
  {
    code: 'patient.address-differs',
    severity: 'warns',
    field: '/patient/address',
    message: 'The address is not the one on file; this order goes to the address it states.',
    vaCode: 'PTT03',
  },
];

export class OrderVersionResponse {
  @ApiProperty({ example: 1 })
  version!: number;

  @ApiProperty({ example: '2026-11-21T01:20:00.000Z' })
  createdAt!: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Who corrected it; null for what came in.' })
  createdBy!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it was corrected.' })
  reason!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-21T01:20:01.000Z' })
  validatedAt!: string | null;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    nullable: true,
    example: findingExample,
    description: 'What validation found; null until it ran.',
  })
  findings!: unknown;

  @ApiProperty({ type: 'object', additionalProperties: true, example: orderExample })
  order!: PrescriptionOrder;
}

export class PrescriptionResponse {
  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  id!: string;

  @ApiProperty({ example: 1000001 })
  rxNumber!: number;

  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f58' })
  ticketId!: string;

  @ApiProperty({ enum: states, example: 'validated' })
  state!: PrescriptionState;

  @ApiProperty({
    enum: trackingStatuses,
    nullable: true,
    example: null,
    description: 'The state as trackers of orders say it; null before a pharmacy has it.',
  })
  trackingStatus!: TrackingStatus | null;

  @ApiProperty({ example: '2026-11-21T01:20:01.000Z' })
  stateSince!: string;

  @ApiProperty({ example: 2, description: 'Counts the moves; the id of the events in the stream.' })
  version!: number;

  @ApiProperty({ enum: ['full', 'cash', 'direct'], example: 'full' })
  path!: string;

  @ApiProperty({ enum: ['script', 'json', 'fhir', 'ticket', 'careportals'], example: 'json' })
  source!: string;

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f52' })
  patientId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f53' })
  providerId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  pharmacyId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  schedule!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 30,
    description: 'What is dispensed: as ordered, or less where the limit of the plan made it so.',
  })
  quantity!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: 30, description: 'How many days that lasts.' })
  daysSupply!: number | null;

  @ApiProperty({ example: 'standard' })
  serviceLevel!: string;

  @ApiProperty({ type: Number, nullable: true, example: null })
  owedCents!: number | null;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { reference: 'A-17' } })
  metadata!: Record<string, unknown>;

  @ApiProperty({ example: '2026-11-21T01:20:00.000Z' })
  receivedAt!: string;

  @ApiProperty({ type: String, nullable: true, example: null })
  completedAt!: string | null;

  @ApiProperty({ type: OrderVersionResponse, description: 'The version of the order that counts now.' })
  current!: OrderVersionResponse;
}

export function prescriptionView({ prescription, current }: PrescriptionDetail): PrescriptionResponse {
  return {
    id: prescription.id,
    rxNumber: prescription.rxNumber,
    ticketId: prescription.ticketId,
    state: prescription.state,
    trackingStatus: trackingStatusOf(prescription.state),
    stateSince: prescription.stateSince.toISOString(),
    version: prescription.version,
    path: prescription.path,
    source: prescription.source,
    patientId: prescription.patientId,
    providerId: prescription.providerId,
    pharmacyId: prescription.pharmacyId,
    schedule: prescription.schedule,
    quantity: prescription.quantity === null ? null : Number(prescription.quantity),
    daysSupply: prescription.daysSupply,
    serviceLevel: prescription.serviceLevel,
    owedCents: prescription.owedCents,
    currency: prescription.currency,
    metadata: prescription.metadata,
    receivedAt: prescription.receivedAt.toISOString(),
    completedAt: prescription.completedAt?.toISOString() ?? null,
    current: versionView(current),
  };
}

export function versionView(version: OrderVersion): OrderVersionResponse {
  return {
    version: version.version,
    createdAt: version.createdAt.toISOString(),
    createdBy: version.createdBy,
    reason: version.reason,
    validatedAt: version.validatedAt?.toISOString() ?? null,
    findings: version.findings,
    order: version.order,
  };
}
