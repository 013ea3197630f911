import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { Optional } from '../../../platform/http/index.js';
import { carrierPage } from '../parcel.policy.js';
import type { ShownParcel } from '../shipping.service.js';
import type { TrackingEvent } from '../tracking-event.entity.js';

export class VoidShipmentRequest {
  @ApiPropertyOptional({ description: 'Buy a new label in its place. Default: false.', example: false })
  @Optional()
  @IsBoolean()
  readonly replace?: boolean;
}

export class TrackingEventResponse {
  @ApiProperty({ example: 'in_transit' })
  readonly status!: string;

  @ApiProperty({ type: String, nullable: true, example: 'package_accepted' })
  readonly substatus!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:14:00.000Z' })
  readonly occurredAt!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T09:14:07.000Z' })
  readonly recordedAt!: string;

  @ApiProperty({ example: 'shippo' })
  readonly source!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Reno' })
  readonly city!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'NV' })
  readonly state!: string | null;
}

export class ShipmentResponse {
  @ApiProperty({ format: 'uuid', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f60' })
  readonly id!: string;

  @ApiProperty({ format: 'uuid', example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  readonly prescriptionId!: string;

  @ApiProperty({ enum: ['platform_label', 'partner'], example: 'platform_label' })
  readonly kind!: string;

  @ApiProperty({ example: 'in_transit' })
  readonly status!: string;

  @ApiProperty({ type: String, nullable: true, example: 'usps' })
  readonly carrier!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'usps_ground_advantage' })
  readonly serviceLevel!: string | null;

  @ApiProperty({ example: '9205590164917312751089' })
  readonly trackingNumber!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The carrier’s own page',
    example: 'https://tools.usps.com/go/TrackConfirmAction?tLabels=9205590164917312751089',
  })
  readonly trackingUrl!: string | null;

  @ApiProperty({ example: false })
  readonly signatureRequired!: boolean;

  @ApiProperty({ type: Number, nullable: true, example: 565 })
  readonly costCents!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  readonly currency!: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date', example: '2026-11-24' })
  readonly estimatedDelivery!: string | null;

  @ApiProperty({ description: 'GET /api/shipments/:id/label answers it', example: true })
  readonly hasLabel!: boolean;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-11-20T16:00:00.000Z' })
  readonly purchasedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-11-20T16:00:00.000Z' })
  readonly shippedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: '2026-11-22T09:14:00.000Z' })
  readonly handedOverAt!: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  readonly deliveredAt!: string | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', example: null })
  readonly voidedAt!: string | null;

  @ApiProperty({ type: [TrackingEventResponse] })
  readonly events!: TrackingEventResponse[];
}

/** Of the answer to a `VoidShipmentRequest`: the carrier never had the parcel. */
export const voidedExample = {
  status: 'voided',
  handedOverAt: null,
  voidedAt: '2026-11-20T17:05:00.000Z',
  events: [],
};

export class ShipmentsResponse {
  @ApiProperty({ type: [ShipmentResponse], description: 'All parcels, oldest first, voided ones too' })
  readonly items!: ShipmentResponse[];
}

export function shipmentResponse({ shipment, events }: ShownParcel): ShipmentResponse {
  const { id, prescriptionId, kind, status, carrier, serviceLevel, trackingNumber, signatureRequired } = shipment;
  return {
    id,
    prescriptionId,
    kind,
    status,
    carrier,
    serviceLevel,
    trackingNumber,
    trackingUrl: carrierPage(carrier, trackingNumber) ?? null,
    signatureRequired,
    costCents: shipment.costCents,
    currency: shipment.currency,
    estimatedDelivery: shipment.estimatedDelivery,
    hasLabel: shipment.labelKey !== null,
    purchasedAt: textOf(shipment.purchasedAt),
    shippedAt: textOf(shipment.shippedAt),
    handedOverAt: textOf(shipment.handedOverAt),
    deliveredAt: textOf(shipment.deliveredAt),
    voidedAt: textOf(shipment.voidedAt),
    events: events.map(eventResponse),
  };
}

function eventResponse(event: TrackingEvent): TrackingEventResponse {
  const { status, substatus, occurredAt, recordedAt, source, city, state } = event;
  return {
    status,
    substatus,
    occurredAt: occurredAt.toISOString(),
    recordedAt: recordedAt.toISOString(),
    source,
    city,
    state,
  };
}

const textOf = (time: Date | null) => time?.toISOString() ?? null;
