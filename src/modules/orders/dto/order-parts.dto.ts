import { ApiProperty } from '@nestjs/swagger';
import type { KeptAddress } from '../order-details.store.js';
import type { OrderEvent, OrderLineItem } from '../order.entity.js';
import type { WrittenPrescriptionRow } from '../orders-desk.service.js';
import { addressKinds, reductionTypes, type AddressKind, type Contact, type ReductionType } from '../wire/parts.js';
import { orderWords, type OrderWord } from '../wire/words.policy.js';

const exampleId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';
const exampleInstant = '2026-11-20T10:30:00.000Z';
const text = (example: string | null) => ({ type: String, nullable: true, example });
const cents = (example: number | null) => ({ type: Number, nullable: true, example });

export class OrderContactDto {
  @ApiProperty({ ...text('65a51b6e0aaa'), description: "CarePortals' `_id` of the customer" })
  readonly externalId: string | null;
  @ApiProperty(text('ada@example.com'))
  readonly email: string | null;
  @ApiProperty({ ...text('+15125550100'), description: 'as it was given' })
  readonly phone: string | null;

  constructor({ externalId, email, phone }: Contact) {
    this.externalId = externalId ?? null;
    this.email = email ?? null;
    this.phone = phone ?? null;
  }
}

export class OrderLineItemDto {
  @ApiProperty({ example: 0 })
  readonly position: number;
  @ApiProperty(text('sema-1'))
  readonly productId: string | null;
  @ApiProperty(text(null))
  readonly sku: string | null;
  @ApiProperty(text('Semaglutide, one month'))
  readonly name: string | null;
  @ApiProperty(text('semaglutide'))
  readonly drugName: string | null;
  @ApiProperty({ example: 1 })
  readonly quantity: number;
  @ApiProperty(cents(24_999))
  readonly listPriceCents: number | null;
  @ApiProperty(cents(19_999))
  readonly priceCents: number | null;
  @ApiProperty(cents(5_000))
  readonly discountCents: number | null;
  @ApiProperty({ ...cents(5_000), description: 'cents off, or hundredths of a percent off' })
  readonly reductionHundredths: number | null;
  @ApiProperty({ ...text('dollar'), enum: reductionTypes })
  readonly reductionType: ReductionType | null;
  @ApiProperty({ ...text('WELCOME50'), description: 'the coupon or promotion behind it' })
  readonly discountReference: string | null;
  @ApiProperty({ example: true })
  readonly isSubscription: boolean;

  constructor(item: OrderLineItem) {
    this.position = item.position;
    this.productId = item.productId;
    this.sku = item.sku;
    this.name = item.name;
    this.drugName = item.drugName;
    this.quantity = item.quantity;
    this.listPriceCents = item.listPriceCents;
    this.priceCents = item.priceCents;
    this.discountCents = item.discountCents;
    this.reductionHundredths = item.reductionHundredths;
    this.reductionType = item.reductionType;
    this.discountReference = item.discountReference;
    this.isSubscription = item.isSubscription;
  }
}

export class OrderAddressDto {
  @ApiProperty({ enum: addressKinds, example: 'shipping' })
  readonly kind: AddressKind;
  @ApiProperty(text('Ada Marsh'))
  readonly name: string | null;
  @ApiProperty(text('1 Elm St'))
  readonly line1: string | null;
  @ApiProperty(text('Apt 4B'))
  readonly line2: string | null;
  @ApiProperty(text('Austin'))
  readonly city: string | null;
  @ApiProperty(text('TX'))
  readonly state: string | null;
  @ApiProperty(text('78701'))
  readonly zip: string | null;
  @ApiProperty(text('US'))
  readonly country: string | null;
  @ApiProperty(text(null))
  readonly phone: string | null;

  constructor(address: KeptAddress) {
    this.kind = address.kind;
    this.name = address.name ?? null;
    this.line1 = address.line1 ?? null;
    this.line2 = address.line2 ?? null;
    this.city = address.city ?? null;
    this.state = address.state ?? null;
    this.zip = address.zip ?? null;
    this.country = address.country ?? null;
    this.phone = address.phone ?? null;
  }
}

export class OrderEventDto {
  @ApiProperty({
    enum: ['status', 'move', 'prescription'],
    description: '`status`: said by CarePortals; `move`: of our prescription; `prescription`: one was written',
    example: 'status',
  })
  readonly kind: OrderEvent['kind'];
  @ApiProperty({ type: String, nullable: true, enum: orderWords, example: 'shipped' })
  readonly status: OrderWord | null;
  @ApiProperty(text(null))
  readonly prescriptionId: string | null;
  @ApiProperty(text(exampleId))
  readonly webhookEventId: string | null;
  @ApiProperty({ example: exampleInstant })
  readonly at: string;
  @ApiProperty({ example: exampleInstant })
  readonly recordedAt: string;

  constructor(event: OrderEvent) {
    this.kind = event.kind;
    this.status = event.word;
    this.prescriptionId = event.prescriptionId;
    this.webhookEventId = event.webhookEventId;
    this.at = event.occurredAt.toISOString();
    this.recordedAt = event.recordedAt.toISOString();
  }
}

export class WrittenPrescriptionDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ description: "CarePortals' id", example: '65a51b6e0d01' })
  readonly externalId: string;
  @ApiProperty({ ...text(exampleId), description: 'ours, once its intake has arrived' })
  readonly prescriptionId: string | null;
  @ApiProperty(text('semaglutide'))
  readonly drugName: string | null;
  @ApiProperty(text('4'))
  readonly quantity: string | null;
  @ApiProperty(text('active'))
  readonly status: string | null;
  @ApiProperty({ example: exampleInstant })
  readonly writtenAt: string;

  constructor(written: WrittenPrescriptionRow) {
    this.id = written.id;
    this.externalId = written.externalId;
    this.prescriptionId = written.prescriptionId;
    this.drugName = written.drugName;
    this.quantity = written.quantity;
    this.status = written.status;
    this.writtenAt = written.writtenAt.toISOString();
  }
}
