import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Length } from 'class-validator';
import { defaultPageLimit, IdCursor, IsId, Optional, type Page, PageLimit } from '../../../platform/http/index.js';
import { findingCodes, type FindingCode } from '../order.policy.js';
import type { ListedOrder, WholeOrder } from '../orders-desk.service.js';
import { reductionTypes, type ReductionType } from '../wire/parts.js';
import { orderWords, type OrderWord } from '../wire/words.policy.js';
import {
  OrderAddressDto,
  OrderContactDto,
  OrderEventDto,
  OrderLineItemDto,
  WrittenPrescriptionDto,
} from './order-parts.dto.js';

export const exampleId = '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57';
export const exampleInstant = '2026-11-20T10:30:00.000Z';

export class ListOrdersDto {
  @ApiPropertyOptional({ enum: orderWords, example: 'shipped' })
  @Optional()
  @IsIn(orderWords)
  status?: OrderWord;

  @ApiPropertyOptional({ example: '100234', description: "CarePortals' `_id`, or the number the customer reads" })
  @Optional()
  @IsString()
  @Length(1, 200)
  reference?: string;

  @ApiPropertyOptional({ example: exampleId })
  @Optional()
  @IsId()
  patientId?: string;

  @ApiPropertyOptional({ example: exampleId })
  @Optional()
  @IsId()
  customerId?: string;

  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class OrderCustomerDto {
  @ApiProperty({ example: exampleId })
  readonly id!: string;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'our patient, where it can only be this one',
    example: exampleId,
  })
  readonly patientId!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Ada' })
  readonly firstName!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Marsh' })
  readonly lastName!: string | null;
  @ApiProperty({ description: 'the phone given last cannot be written to', example: false })
  readonly phoneUnreachable!: boolean;
}

export class OrderFindingDto {
  @ApiProperty({ enum: findingCodes, example: 'order.total-differs' })
  readonly code!: FindingCode;
  @ApiProperty({ example: 19_999 })
  readonly expectedCents!: number;
  @ApiProperty({ example: 20_099 })
  readonly givenCents!: number;
}

export class OrderTrackingDto {
  @ApiProperty({ type: String, nullable: true, example: '9205590164917312751089' })
  readonly number: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'USPS' })
  readonly carrier: string | null;
  @ApiProperty({ type: String, nullable: true, example: null })
  readonly url: string | null;
  @ApiProperty({ type: String, nullable: true, example: '2026-11-24' })
  readonly estimatedDelivery: string | null;

  constructor(order: ListedOrder) {
    this.number = order.trackingNumber;
    this.carrier = order.carrier;
    this.url = order.trackingUrl;
    this.estimatedDelivery = order.estimatedDelivery;
  }
}

export class OrderDto {
  @ApiProperty({ example: exampleId })
  readonly id: string;
  @ApiProperty({ type: String, nullable: true, description: "CarePortals' `_id`", example: '65a51b6e0c1f' })
  readonly externalId: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'what the customer reads', example: '100234' })
  readonly number: string | null;
  @ApiProperty({ enum: orderWords, example: 'shipped' })
  readonly status: OrderWord;
  @ApiProperty({ example: exampleInstant })
  readonly statusAt: string;
  @ApiProperty({ type: OrderCustomerDto, nullable: true })
  readonly customer: OrderCustomerDto | null;
  @ApiProperty({ type: String, nullable: true, example: 'web' })
  readonly source: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'WELCOME50' })
  readonly coupon: string | null;
  @ApiProperty({ example: 'USD' })
  readonly currency: string;
  @ApiProperty({ type: Number, nullable: true, example: 24_999 })
  readonly baseCents: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 5_000 })
  readonly discountCents: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 0 })
  readonly creditCents: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 19_999 })
  readonly totalCents: number | null;
  @ApiProperty({ type: String, nullable: true, enum: reductionTypes, example: 'dollar' })
  readonly reductionType: ReductionType | null;
  @ApiProperty({ type: [OrderFindingDto], description: 'what does not add up', example: [] })
  readonly findings: OrderFindingDto[];
  @ApiProperty({ type: OrderTrackingDto })
  readonly tracking: OrderTrackingDto;
  @ApiProperty({ example: exampleInstant })
  readonly placedAt: string;

  constructor(order: ListedOrder) {
    this.id = order.id;
    this.externalId = order.externalId;
    this.number = order.number;
    this.status = order.status;
    this.statusAt = order.statusAt.toISOString();
    this.customer = order.customer;
    this.source = order.source;
    this.coupon = order.coupon;
    this.currency = order.currency;
    this.baseCents = order.baseCents;
    this.discountCents = order.discountCents;
    this.creditCents = order.creditCents;
    this.totalCents = order.totalCents;
    this.reductionType = order.reductionType;
    this.findings = order.findings;
    this.tracking = new OrderTrackingDto(order);
    this.placedAt = order.placedAt.toISOString();
  }
}

export class WholeOrderDto extends OrderDto {
  @ApiProperty({ type: OrderContactDto })
  readonly contact: OrderContactDto;
  @ApiProperty({ type: [OrderLineItemDto] })
  readonly lineItems: OrderLineItemDto[];
  @ApiProperty({ type: [OrderAddressDto] })
  readonly addresses: OrderAddressDto[];
  @ApiProperty({ type: [OrderEventDto], description: 'oldest first' })
  readonly events: OrderEventDto[];
  @ApiProperty({ type: [WrittenPrescriptionDto], description: 'written at CarePortals' })
  readonly prescriptions: WrittenPrescriptionDto[];

  constructor(whole: WholeOrder) {
    super(whole.order);
    this.contact = new OrderContactDto(whole.contact);
    this.lineItems = whole.lineItems.map((item) => new OrderLineItemDto(item));
    this.addresses = whole.addresses.map((address) => new OrderAddressDto(address));
    this.events = whole.events.map((event) => new OrderEventDto(event));
    this.prescriptions = whole.prescriptions.map((written) => new WrittenPrescriptionDto(written));
  }
}

export class OrderPageDto {
  @ApiProperty({ type: [OrderDto] })
  readonly items: OrderDto[];
  @ApiProperty({ type: String, nullable: true, example: exampleId })
  readonly nextCursor: string | null;

  constructor({ items, nextCursor }: Page<ListedOrder>) {
    this.items = items.map((order) => new OrderDto(order));
    this.nextCursor = nextCursor;
  }
}
