import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Max, Min } from 'class-validator';
import { defaultPageLimit, IdCursor, IsId, Optional, PageLimit } from '../../../platform/http/index.js';
import type { Dispute } from '../dispute.entity.js';
import { disputeStatuses, type DisputeStatus } from '../dispute.policy.js';
import { invoiceStatuses, type Invoice, type InvoiceStatus } from '../invoice.entity.js';
import type { InvoiceWithRefunds, ShownRefund } from '../invoices.service.js';
import type { RefundStatus } from '../refund.entity.js';

const refundStatuses = ['created', 'pending', 'succeeded', 'failed'] as const;

export class ListInvoicesDto {
  @ApiPropertyOptional({ enum: invoiceStatuses, example: 'paid' })
  @Optional()
  @IsIn(invoiceStatuses)
  status?: InvoiceStatus;

  @ApiPropertyOptional({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  @Optional()
  @IsId()
  prescriptionId?: string;

  @IdCursor()
  cursor?: string;

  @PageLimit()
  limit: number = defaultPageLimit;
}

export class CreateRefundDto {
  @ApiPropertyOptional({ example: 500, minimum: 1, description: 'In cents; all that is left when absent' })
  @Optional()
  @IsInt()
  @Min(1)
  @Max(99_999_999)
  amountCents?: number;

  @ApiProperty({
    example: 'price correction',
    minLength: 1,
    maxLength: 200,
    description: 'For the record; never sent to the patient',
  })
  @IsString()
  @Length(1, 200)
  reason!: string;
}

export class RefundDto {
  @ApiProperty({ example: '019a6f41-33aa-7b02-9f10-5c6e2d1f8a22' })
  readonly id: string;

  @ApiProperty({ example: 500 })
  readonly amountCents: number;

  @ApiProperty({ type: String, nullable: true, example: 'price correction', description: 'For staff; else null' })
  readonly reason: string | null;

  @ApiProperty({ enum: refundStatuses, example: 'succeeded' })
  readonly status: RefundStatus;

  @ApiProperty({ example: '2026-11-21T09:30:00.000Z' })
  readonly createdAt: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-21T09:30:02.000Z' })
  readonly confirmedAt: string | null;

  constructor(refund: ShownRefund) {
    this.id = refund.id;
    this.amountCents = refund.amountCents;
    this.reason = refund.reason;
    this.status = refund.status;
    this.createdAt = refund.createdAt.toISOString();
    this.confirmedAt = refund.confirmedAt?.toISOString() ?? null;
  }
}

export class InvoiceDto {
  @ApiProperty({ example: '019a6f40-11d2-7a31-8c55-4a4d3a9c0b11' })
  readonly id: string;

  @ApiProperty({ example: 'INV-000123' })
  readonly number: string;

  @ApiProperty({ example: '019a6f3e-7c1a-7e55-9d4b-0b7c3f1e4f57' })
  readonly prescriptionId: string;

  @ApiProperty({ enum: invoiceStatuses, example: 'paid' })
  readonly status: InvoiceStatus;

  @ApiProperty({ example: 1500 })
  readonly amountCents: number;

  @ApiProperty({ example: 'USD' })
  readonly currency: string;

  @ApiProperty({ example: 'Your order' })
  readonly description: string;

  @ApiProperty({ example: '2026-11-20T14:10:00.000Z' })
  readonly createdAt: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-20T14:15:22.000Z' })
  readonly paidAt: string | null;

  constructor(invoice: Invoice) {
    this.id = invoice.id;
    this.number = invoice.number;
    this.prescriptionId = invoice.prescriptionId;
    this.status = invoice.status;
    this.amountCents = invoice.amountCents;
    this.currency = invoice.currency;
    this.description = invoice.description;
    this.createdAt = invoice.createdAt.toISOString();
    this.paidAt = invoice.paidAt?.toISOString() ?? null;
  }
}

export class DisputeDto {
  @ApiProperty({ example: '019a6f42-55bb-7c13-8a21-6d7f3e2a9b33' })
  readonly id: string;

  @ApiProperty({ enum: disputeStatuses, example: 'needs_response', description: "The provider's word" })
  readonly status: DisputeStatus;

  @ApiProperty({ example: 'product_not_received', description: "The provider's code" })
  readonly reason: string;

  @ApiProperty({ example: 1500 })
  readonly amountCents: number;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-12-05T23:59:59.000Z',
    description: 'Answer it at the provider by then',
  })
  readonly evidenceDueAt: string | null;

  @ApiProperty({ example: '2026-11-28T09:00:00.000Z' })
  readonly openedAt: string;

  constructor(dispute: Dispute) {
    this.id = dispute.id;
    this.status = dispute.status;
    this.reason = dispute.reason;
    this.amountCents = dispute.amountCents;
    this.evidenceDueAt = dispute.evidenceDueAt?.toISOString() ?? null;
    this.openedAt = dispute.openedAt.toISOString();
  }
}

export class InvoiceDetailDto extends InvoiceDto {
  @ApiProperty({ type: [RefundDto], description: 'Those that failed are for staff' })
  readonly refunds: RefundDto[];

  @ApiProperty({ type: [DisputeDto], description: "What the cardholder's bank asks about or took back; for staff" })
  readonly disputes: DisputeDto[];

  constructor({ invoice, refunds, disputes }: InvoiceWithRefunds) {
    super(invoice);
    this.refunds = refunds.map((refund) => new RefundDto(refund));
    this.disputes = disputes.map((dispute) => new DisputeDto(dispute));
  }
}

export class InvoicePageDto {
  @ApiProperty({ type: [InvoiceDto] })
  readonly items: InvoiceDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  readonly nextCursor: string | null;

  constructor(page: { items: readonly Invoice[]; nextCursor: string | null }) {
    this.items = page.items.map((item) => new InvoiceDto(item));
    this.nextCursor = page.nextCursor;
  }
}
